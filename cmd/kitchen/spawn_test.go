package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// process is the program as a process of its own, for signals.
type process struct {
	cmd    *exec.Cmd
	lines  *bufio.Reader
	stderr *output
}

func spawn(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return startProcess(t, exec.CommandContext(t.Context(), os.Args[0], args...), env, args) //nolint:gosec // this test
}

// spawnWithFiles is spawn for a process that may open so many files.
func spawnWithFiles(t *testing.T, files int, env []string, args ...string) *process {
	t.Helper()
	limited := append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, files), os.Args[0]}, args...)
	return startProcess(t, exec.CommandContext(t.Context(), "sh", limited...), env, args) //nolint:gosec // this test
}

func startProcess(t *testing.T, cmd *exec.Cmd, env, args []string) *process {
	t.Helper()
	if args[0] == "serve" {
		env = asNode(t, env)
	}
	p := &process{cmd: cmd, stderr: &output{}}
	p.cmd.Env = append(asProcess(env...), "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewReader(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
		if found := findToken(p.stderr.String()); found != "" {
			t.Errorf("kitchen %s: a token is in the log: %s", strings.Join(args, " "), found)
		}
		if t.Failed() {
			t.Logf("kitchen %s, standard error:\n%s", strings.Join(args, " "), p.stderr)
		}
	})
	return p
}

func (p *process) line(t *testing.T, text string) string {
	t.Helper()
	for {
		line, err := p.lines.ReadString('\n')
		if strings.Contains(line, text) {
			return strings.TrimSpace(line)
		}
		if err != nil {
			t.Fatalf("no line with %q (%v)\n%s", text, err, p.stderr)
		}
	}
}

func (p *process) signal(t *testing.T, name string) {
	t.Helper()
	signal := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP}[name]
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit code, -1 for an end by a signal.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	late := time.AfterFunc(waitLimit, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// await polls: another process writes, and nothing signals it.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	if !dbtest.Poll(waitLimit, func() bool { return strings.Contains(o.String(), text) }) {
		t.Fatalf("no %q in:\n%s", text, o)
	}
}
