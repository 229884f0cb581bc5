package main

import (
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

func TestStoppingNodeSendsDisplaysAwayAndEnds(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	p := spawn(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0")
	s := &served{running: &running{stderr: p.stderr}, url: p.line(t, "http://")}
	s.await(t, "/readyz", http.StatusOK)
	var displays []*display
	for range 3 {
		d := connect(t, s.socket(h.restaurant), h.token(t))
		d.untilType(t, "initial_queue")
		displays = append(displays, d)
	}
	// A connection from before, on which the node can still be asked.
	if response, err := http.Get(s.url + "/readyz"); err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	} else {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	defer http.DefaultClient.CloseIdleConnections()

	p.signal(t, "TERM")
	p.stderr.await(t, "stopping")
	// So does one that is made now, as those of most probes are.
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if response, err := fresh.Get(s.url + "/readyz"); err != nil {
		t.Errorf("a new connection while draining: %v", err)
	} else {
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("readyz answers %s to a new connection while draining", response.Status)
		}
		_ = response.Body.Close()
	}
	if response, err := http.Get(s.url + "/readyz"); err != nil {
		t.Errorf("asked for readiness while draining: %v", err)
	} else {
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("readyz answers %s while draining", response.Status)
		}
		_ = response.Body.Close()
	}
	for _, d := range displays {
		_ = d.SetReadDeadline(time.Now().Add(waitLimit))
		for {
			if _, _, err := d.ReadMessage(); err != nil {
				if !websocket.IsCloseError(err, 1012) {
					t.Errorf("a display was sent away with %v, want 1012", err)
				}
				break
			}
		}
		_ = d.Close()
	}
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, _, err := websocket.DefaultDialer.Dial(s.socket(h.restaurant), nil); err == nil {
		t.Error("the address still answers")
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	p := spawn(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0")
	s := &served{running: &running{stderr: p.stderr}, url: p.line(t, "http://")}
	s.await(t, "/readyz", http.StatusOK)
	// Displays that never answer keep the node from being done.
	for range 5 {
		connect(t, s.socket(h.restaurant), h.token(t)).untilType(t, "initial_queue")
	}
	p.signal(t, "INT")
	p.stderr.await(t, "stopping")
	// Repeated, because one that comes in the same moment as the first may be taken for it.
	ended := make(chan struct{})
	var signalling sync.WaitGroup
	signalling.Go(func() {
		for {
			select {
			case <-time.After(20 * time.Millisecond):
				_ = p.cmd.Process.Signal(os.Interrupt)
			case <-ended:
				return
			}
		}
	})
	code := p.wait(t)
	close(ended)
	signalling.Wait()
	if code == 0 {
		t.Error("the program took its time, and exit code 0")
	}
}
