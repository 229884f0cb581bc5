package local

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// dieWithParent lets the kernel signal the child when the thread that started it dies, however it dies.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// commandLine returns the program and arguments of a process, separated by spaces; nothing for a zombie.
func commandLine(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return string(bytes.ReplaceAll(bytes.TrimRight(b, "\x00"), []byte{0}, []byte{' '}))
}
