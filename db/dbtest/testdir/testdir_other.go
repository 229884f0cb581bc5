//go:build !linux

package testdir

import "os"

// Parent is where tests make their directories.
func Parent() string { return os.TempDir() }
