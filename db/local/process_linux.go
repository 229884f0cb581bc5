package local

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent has the kernel signal the child when the thread that started it ends, for any reason.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// killOrphans ends what is left of a server whose postmaster is gone: every process of a server works in its cluster's
// directory.
func killOrphans(clusterDir string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !strings.HasPrefix(commandLine(pid), "postgres: ") {
			continue
		}
		if dir, err := os.Readlink("/proc/" + e.Name() + "/cwd"); err == nil && dir == clusterDir {
			_ = syscall.Kill(pid, syscall.SIGKILL) // an error means that it has just ended
		}
	}
}

// commandLine returns the program and arguments of a process, separated by spaces; nothing for a zombie.
func commandLine(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(bytes.TrimRight(b, "\x00"), []byte{0}, []byte{' '}))
}
