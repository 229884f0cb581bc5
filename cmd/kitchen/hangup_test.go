package main

import (
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// A node whose terminal is closed, or that is asked to read its settings again as other servers can, drains and ends as by SIGTERM. One
// that was started to outlive its terminal, as nohup does, goes on.
func TestHangupDrainsANode(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	args := []string{"serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"}
	begin := func(p *process) *display {
		s := &served{running: &running{stderr: p.stderr}, url: p.line(t, "http://")}
		s.await(t, "/readyz", http.StatusOK)
		d := connect(t, s.socket(h.restaurant), h.token(t))
		d.untilType(t, "initial_queue")
		return d
	}
	p := spawn(t, onDatabase(url), args...)
	d := begin(p)
	p.signal(t, "HUP")
	if code := closedWith(d.Conn); code != websocket.CloseServiceRestart {
		t.Errorf("the display is closed with %d", code)
	}
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d, want that of a node which drained: %s", code, p.stderr)
	}
	p.stderr.await(t, "stopped")

	outlives := append([]string{"-c", `trap "" HUP && exec "$0" "$@"`, os.Args[0]}, args...)
	p = startProcess(t, exec.CommandContext(t.Context(), "sh", outlives...), onDatabase(url), args) //nolint:gosec // this test
	d = begin(p)
	p.signal(t, "HUP")
	h.order(t, "")
	d.untilType(t, "order_created")
	p.signal(t, "TERM")
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
