//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"kitchen/db/dbtest"
)

// tty is the program in a pseudo terminal, and what somebody who sits there sees.
type tty struct {
	*testing.T
	cmd   *exec.Cmd
	pty   *os.File
	sight vt10x.Terminal
	read  chan struct{} // closed when the program has said all

	mu  sync.Mutex
	raw bytes.Buffer
}

func atTerminal(t *testing.T, rows, columns uint16, env []string, args ...string) *tty {
	t.Helper()
	s := &tty{T: t, read: make(chan struct{})}
	s.cmd = exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // this test
	s.cmd.Env = append(asProcess(env...), "TERM=xterm-256color", "HOME="+os.Getenv("HOME"))
	var err error
	if s.pty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	s.sight = vt10x.New(vt10x.WithSize(int(columns), int(rows)), vt10x.WithWriter(s.pty))
	go func() {
		defer close(s.read)
		_, _ = io.Copy(io.MultiWriter(s, s.sight), s.pty)
	}()
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
		_ = s.pty.Close()
		<-s.read
	})
	return s
}

// Write keeps what went to the terminal.
func (s *tty) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.Write(p)
}

func (s *tty) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// sees waits until the screen reads so. A terminal signals nothing.
func (s *tty) sees(words ...string) {
	s.Helper()
	for _, w := range words {
		if !dbtest.Poll(waitLimit, func() bool { return strings.Contains(s.sight.String(), w) }) {
			s.Fatalf("no %q on the screen:\n%s", w, s.sight)
		}
	}
}

func (s *tty) press(keys string) {
	s.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.Fatal(err)
	}
}

// ends waits for the program, and returns its exit code.
func (s *tty) ends() int {
	s.Helper()
	late := time.AfterFunc(waitLimit, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	_ = s.cmd.Wait()
	<-s.read
	return s.cmd.ProcessState.ExitCode()
}

// A real terminal, a real node, a real database: what others write appears with its writer, and keys move orders there.
func TestWatchIsADisplayInATerminal(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	first := h.order(t, "no onion\x1b]0;owned\x07")
	watched := []string{"KITCHEN_TOKEN=" + h.token(t), "KITCHEN_URL=" + s.url}
	w := atTerminal(t, 24, 110, watched, "watch", string(h.restaurant))
	w.sees("LIVE  1 open order, 0 late", "House of anna", "▸ #1", "pending", "no onion")

	till := dbtest.Conn(t, url+"&application_name=till-3")
	if _, err := till.Exec(t.Context(), `insert into order_items (order_id, name, quantity) values ($1, 'Calzone', 2)`, first); err != nil {
		t.Fatal(err)
	}
	w.sees("CHANGED 2x Calzone", "till-3")
	second := h.order(t, "")
	w.sees("2 open orders", "#2")

	status := func(id, want string) {
		t.Helper()
		until(t, "the order "+want, func() bool { return h.ask(t, `select status from orders where id = $1::text::uuid`, id) == want })
	}
	w.press("\r")
	w.sees("#1 preparing")
	status(string(first), "preparing")
	w.press("\x1b[B") // down
	w.sees("▸ #2")
	w.press(" ")
	w.sees("#2 preparing")
	w.press("b")
	w.sees("#2 pending")
	status(string(second), "pending")
	w.press("u") // of the step before, since that one is taken back
	w.sees("#1 pending")
	status(string(first), "pending")

	execute(t, h, `update orders set status = 'completed' where id = $1`, second)
	w.sees("1 open order")
	w.press("r")
	w.sees("▸ #2 completed")
	w.press("\r")
	w.sees("2 open orders", "RECALLED")
	status(string(second), "ready")

	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	w.sees("NOT LIVE  not connected: ")
	w.press("\r")
	w.sees("not live: nothing was sent")
	again := start(t, onDatabase(url), "serve", "--listen", strings.TrimPrefix(s.url, "http://"))
	again.line(t, "http://")
	w.sees("LIVE  2 open orders")

	if err := pty.Setsize(w.pty, &pty.Winsize{Rows: 12, Cols: 42}); err != nil {
		t.Fatal(err)
	}
	w.sight.Resize(42, 12)
	w.sees("enter next  b back")
	w.press("q")
	if code := w.ends(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if said := w.said(); strings.Contains(said, "\x1b]0;owned") || !strings.Contains(said, "\x1b[?1049h") || !strings.Contains(said, "\x1b[?1049l") {
		t.Error("the terminal is not as it was, or an order has set its title")
	}
}

func TestWatchInATerminalEndsAsItShould(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	watched := []string{"KITCHEN_TOKEN=" + h.token(t), "KITCHEN_URL=" + s.url, "NO_COLOR=1"}
	for name, end := range map[string]func(*tty){
		"Ctrl-C":  func(w *tty) { w.press("\x03") },
		"SIGTERM": func(w *tty) { _ = w.cmd.Process.Signal(syscall.SIGTERM) },
	} {
		w := atTerminal(t, 24, 80, watched, "watch", string(h.restaurant))
		w.sees("LIVE  0 open orders", "no open orders")
		end(w)
		if code := w.ends(); code != 0 {
			t.Errorf("%s: exit code %d: %s", name, code, ansi.Strip(w.said()))
		}
		if regexp.MustCompile("\x1b\\[[0-9;]*(3|4|9|10)[0-9][0-9;]*m").MatchString(w.said()) {
			t.Errorf("%s: a colour, in spite of NO_COLOR: %q", name, w.said())
		}
	}
	w := atTerminal(t, 24, 80, []string{"KITCHEN_TOKEN=no.token", "KITCHEN_URL=" + s.url}, "watch", string(h.restaurant))
	if code := w.ends(); code != 1 || !strings.Contains(w.said(), "(4001)") {
		t.Errorf("exit code %d: %q", code, w.said())
	}
}
