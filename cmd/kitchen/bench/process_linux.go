package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// apart keeps Ctrl-C from a child: we decide when it ends.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interrupt(p *os.Process) { _ = p.Signal(syscall.SIGTERM) } // an error means that it has ended

// tick is the unit of times in /proc, which is 10 ms on every Linux of today (proc(5), USER_HZ).
const tick = 10 * time.Millisecond

// stat reads the fields of /proc/<pid>/stat that follow the name (proc(5)): state first.
func stat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])), nil
}

func parent(pid int) int {
	fields, err := stat(pid)
	if err != nil || len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}

// cpu is the time that a process, and the children that it has waited for, have computed.
func cpu(pid int) time.Duration {
	fields, err := stat(pid)
	if err != nil || len(fields) < 15 {
		return 0
	}
	var sum time.Duration
	for _, f := range fields[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.Atoi(f)
		sum += time.Duration(n) * tick
	}
	return sum
}

// children lists the processes that a process has started.
func children(pid int) (all []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if child, err := strconv.Atoi(e.Name()); err == nil && parent(child) == pid {
			all = append(all, child)
		}
	}
	return all
}

// title is what a process calls itself, which of a Postgres process is what it does.
func title(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty: it has ended
	return string(text)
}

// threadCPU is the time that the first thread of a process has computed, to the nanosecond and not in ticks. A process of Postgres
// has no other.
func threadCPU(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	first, _, _ := strings.Cut(string(text), " ")
	nanoseconds, bad := strconv.ParseInt(first, 10, 64)
	if err != nil || bad != nil { // a kernel that does not count so, or a process that has ended
		return cpu(pid)
	}
	return time.Duration(nanoseconds)
}

// familyCPU is what a Postgres has computed: its first process with the children that it has waited for, and those that are there.
func familyCPU(pid int) time.Duration {
	sum := cpu(pid)
	for _, child := range children(pid) {
		sum += threadCPU(child)
	}
	return sum
}

// resident is the memory, in bytes, that a process holds.
func resident(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize()
}

// filesAllowed is how many files this process may open. The Go runtime has raised it as far as it may.
func filesAllowed() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return int(min(limit.Cur, 1<<30))
}
