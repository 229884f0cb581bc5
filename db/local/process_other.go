//go:build !linux

package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing: only Linux can tell a child of its parent's death. A server that outlives its program is
// stopped at the next start.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// killOrphans does nothing: what is left of a server whose postmaster is gone has to end by itself.
func killOrphans(string) {}

// commandLine returns the program and arguments of a process, separated by spaces.
func commandLine(pid int) string {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
