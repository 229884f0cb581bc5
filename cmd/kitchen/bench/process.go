package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// program is a node, or a floor, that the bench started: a process of its own, so that its CPU can be measured.
type program struct {
	cmd   *exec.Cmd
	host  string
	ended chan error
}

// spawn starts a program that prints the address it listens at, http://host:port, as its first line.
func spawn(ctx context.Context, path string, args, environ []string, stderr io.Writer) (*program, error) {
	cmd := exec.Command(path, args...) //nolint:noctx,gosec // this program itself; it is sent a signal to end
	cmd.Env, cmd.Stderr = environ, stderr
	apart(cmd)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a node: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a node: %w", err)
	}
	p := &program{cmd: cmd, ended: make(chan error, 1)}
	addresses := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		addresses <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, stdout)
		p.ended <- cmd.Wait()
	}()
	select {
	case address := <-addresses:
		host, ok := strings.CutPrefix(address, "http://")
		if !ok {
			return nil, errors.Join(errors.New("the node did not start"), p.stop())
		}
		p.host = host
		return p, nil
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), p.stop())
	}
}

// stop asks the process to end, and makes it.
func (p *program) stop() error {
	interrupt(p.cmd.Process)
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("the node: %w", err)
		}
		return nil
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return errors.New("the node did not end when it was asked to")
	}
}
