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

// children lists the processes that a process has started and that are there.
func children(pid int) (all []process) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if fields, err := stat(child); err == nil && len(fields) > 19 && fields[1] == strconv.Itoa(pid) {
			all = append(all, process{child, fields[19]})
		}
	}
	return all
}

// threadCPU is the time that the first thread of a process has computed, to the nanosecond and not in ticks. A process of Postgres
// has no other. ok is false where the process has ended.
func threadCPU(pid int) (spent time.Duration, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	first, _, _ := strings.Cut(string(text), " ")
	if nanoseconds, bad := strconv.ParseInt(first, 10, 64); err == nil && bad == nil {
		return time.Duration(nanoseconds), true
	}
	spent = cpu(pid) // a kernel that does not count so
	return spent, spent > 0
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
