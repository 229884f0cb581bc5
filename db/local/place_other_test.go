//go:build !linux

package local

import "os"

// place is where tests make their directories.
func place() string { return os.TempDir() }
