//go:build !linux

package local

import (
	"syscall"
	"testing"
)

// diesWithItsParent ends a process whose parent was killed, because only Linux does that.
func diesWithItsParent(t *testing.T, pid int) {
	t.Helper()
	_ = syscall.Kill(pid, syscall.SIGKILL)
}
