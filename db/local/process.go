package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is a child that runs on its own while its owner waits for it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed by wait when the process has ended
	err  error         // how it ended; written before done is closed
}

// startProcess starts a child and the goroutine that waits for it, which ends with the child.
func startProcess(cmd *exec.Cmd, detached bool) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	if detached {
		go p.outlive(started)
	} else {
		go p.wait(started)
	}
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// wait starts the child and waits for it on one thread. Linux signals the child when the thread that started it ends (prctl(2),
// PR_SET_PDEATHSIG), so this thread must live as long as the child.
func (p *process) wait(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
	}
}

// outlive is wait under another name, so that a search for leaked goroutines can leave out this one.
func (p *process) outlive(started chan<- error) { p.wait(started) }

// end signals the process and reports whether it ended within the time given.
func (p *process) end(sig syscall.Signal, within time.Duration) bool {
	_ = p.cmd.Process.Signal(sig) // an error means that it has ended
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-p.done:
		return true
	case <-t.C:
		return false
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// command prepares a program of PostgreSQL. It does not inherit the environment, because PGDATA, PGPORT, PGOPTIONS or a locale that the
// machine lacks would change what the program does. It has a session of its own, so that neither Ctrl-C nor the end of a terminal
// signals it: this program decides when it ends.
func command(a account, dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + filepath.Dir(path) + ":/usr/local/bin:/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// run runs a short program of PostgreSQL and returns its output. If ctx ends first, it kills the program and its children.
func run(ctx context.Context, a account, dir, path string, args ...string) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	var out bytes.Buffer
	cmd := command(a, dir, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second // for grandchildren that hold on to the output
	dieWithParent(cmd.SysProcAttr, syscall.SIGKILL)
	p, err := startProcess(cmd, false)
	if err != nil {
		return "", err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its whole process group
		<-p.done
		return out.String(), context.Cause(ctx)
	}
	return out.String(), p.err
}

// alive reports whether there is a process, or a zombie, of this id.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, os.ErrPermission)
}
