package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
)

func TestServeShowsAnOrderWrittenInSQL(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	for _, address := range []string{s.socket(h.restaurant), strings.TrimSuffix(s.socket(h.restaurant), "/")} {
		d := connect(t, address, h.token(t))
		d.untilType(t, "initial_queue")
		id := h.order(t, "from SQL")
		if m := d.untilType(t, "order_created"); m.Order.ID != id || m.Order.Notes != "from SQL" {
			t.Errorf("got %+v", m.Order)
		}
	}
}

// Two programs share a database and nothing else.
func TestTwoNodesShowWhatADisplayOfTheOtherDid(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	first, second := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	id := h.order(t, "")
	a := connect(t, first.socket(h.restaurant), h.token(t))
	b := connect(t, second.socket(h.restaurant), h.token(t))
	a.untilType(t, "initial_queue")
	b.untilType(t, "initial_queue")
	for i, d := range []*display{a, b} {
		status := []string{"preparing", "ready"}[i]
		if err := d.WriteJSON(map[string]string{"type": "update_status", "order_id": string(id), "status": status}); err != nil {
			t.Fatal(err)
		}
		for _, d := range []*display{a, b} {
			d.until(t, status, func(m terminal.Message) bool {
				return m.Type == "order_status_changed" && m.OrderID == id && string(m.Status) == status
			})
		}
	}
}

func TestRoutes(t *testing.T) {
	url := dbtest.New(t)
	s := startServe(t, onDatabase(url)...)
	for path, want := range map[string]int{
		"/": 200, "/healthz": 200, "/readyz": 200, "/nothing": 404, "/healthz/": 404,
		"/ws/kitchen/": 404, "/ws/kitchen/7": 404, "/ws/kitchen/7/": 404, "/ws/kitchen/7/8": 404,
		"/ws/kitchen/0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10": 426, "/ws/kitchen/0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10/": 426,
	} {
		if got, body := s.get(t, path); got != want {
			t.Errorf("%s answers %d, want %d: %s", path, got, want, body)
		}
	}
	response, err := http.Post(s.url+"/healthz", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /healthz answers %s", response.Status)
	}
}

// Whoever spreads displays over nodes learns from readyz that this one hears nothing, and healthz keeps it from being
// restarted for that.
func TestReadyzSaysThatTheFeedIsDeaf(t *testing.T) {
	server := dbtest.Cluster(t, nil)
	s := startServe(t, onDatabase(server.URL())...)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusServiceUnavailable)
	if _, body := s.get(t, "/readyz"); !strings.HasPrefix(body, "not live: notifications") {
		t.Errorf("the reason: %q", body)
	}
	if status, _ := s.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz answers %d", status)
	}
	if err := server.Restart(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusOK)
}

func TestStoppingNodeSendsDisplaysAwayAndEnds(t *testing.T) {
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
	if response, err := http.Get(s.url + "/readyz"); err != nil {
		t.Errorf("asked for readiness while draining: %v", err)
	} else {
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("readyz answers %s while draining", response.Status)
		}
		_ = response.Body.Close()
	}
	for _, d := range displays {
		_ = d.SetReadDeadline(time.Now().Add(patience))
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

// A private node migrates and makes its secret; tokens stay good when it starts again.
func TestServeWithoutADatabaseRunsItsOwn(t *testing.T) {
	dir := dataDir(t)
	env := []string{"KITCHEN_DATA_DIR=" + dir}
	s := startServe(t, env...)
	// Beside it, other commands use the same database.
	if _, errs, code := kitchen(t, env, "simulate", "--for", "100ms", "--rate", "6000"); code != 0 {
		t.Fatal(errs)
	}
	token, errs, code := kitchen(t, env, "token", "demo-kitchen")
	if code != 0 || !strings.HasPrefix(errs, "board: ") || strings.Count(errs, "\n") != 1 {
		t.Fatal(code, errs)
	}
	token = strings.TrimSpace(token)
	connect(t, s.socket("cafe0000-0000-4000-8000-000000000001"), token).untilType(t, "initial_queue")
	if _, errs, code = kitchen(t, env, "serve", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, dir) {
		t.Errorf("a second one on the same directory: exit code %d, %s", code, errs)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	s = startServe(t, env...)
	connect(t, s.socket("cafe0000-0000-4000-8000-000000000001"), token).untilType(t, "initial_queue")
}

func TestLogsHoldNoTokenAndNoOrder(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, append(onDatabase(url), "KITCHEN_LOG_FORMAT=json")...)
	token := h.token(t)
	d := connect(t, s.socket(h.restaurant), token)
	d.untilType(t, "initial_queue")
	h.order(t, "the notes of an order")
	d.untilType(t, "order_created")
	_ = d.Close()
	bad := connect(t, s.socket(h.restaurant), token+"x")
	if _, _, err := bad.ReadMessage(); !websocket.IsCloseError(err, 4001) {
		t.Errorf("a bad token: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	logs := s.stderr.String()
	if !strings.Contains(logs, `"msg":"listening"`) || !strings.Contains(logs, "refused") {
		t.Errorf("the logs do not show what happened:\n%s", logs)
	}
	for _, secret := range []string{token, token[len(token)-20:], "token=", testSecret, "the notes", url} {
		if strings.Contains(logs, secret) {
			t.Errorf("%q is in the logs:\n%s", secret, logs)
		}
	}
}
