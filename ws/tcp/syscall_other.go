//go:build !unix

package tcp

// writeNow writes nothing, which leaves every frame to a goroutine that may wait.
func writeNow(uintptr, []byte) (int, error) { return 0, nil }

// nothingToRead always says false, so that the read itself waits.
func nothingToRead(uintptr) bool { return false }
