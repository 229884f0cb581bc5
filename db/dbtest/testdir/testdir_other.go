//go:build !linux

package dbtest

import "os"

// place is where the server's directory goes.
func place() string { return os.TempDir() }
