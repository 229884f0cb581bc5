package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
)

func TestServeShowsAnOrderWrittenInSQL(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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

// A load balancer learns from readyz that this node receives nothing, and healthz keeps it from being
// restarted for that.
func TestReadyzSaysThatTheFeedIsDeaf(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, nil)
	s := startServe(t, onDatabase(server.URL())...)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusServiceUnavailable)
	// Anybody may ask there; the reasons are for operators.
	if _, body := s.get(t, "/readyz"); strings.TrimSpace(body) != "not live" {
		t.Errorf("the public address answers %q", body)
	}
	admin := &served{url: "http://" + strings.TrimSuffix(attribute(t, s.stderr.String(), "msg=metrics", "address=http://"), "/metrics")}
	if status, body := admin.get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.HasPrefix(body, "not live: notifications") {
		t.Errorf("the operators' address answers %d %q", status, body)
	}
	if status, _ := s.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz answers %d", status)
	}
	if err := server.Restart(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusOK)
}

// attribute is the value of a key in the first line of a log that contains a text.
func attribute(t *testing.T, log, text, key string) string {
	t.Helper()
	for line := range strings.Lines(log) {
		if _, value, ok := strings.Cut(line, key); ok && strings.Contains(line, text) {
			return strings.Fields(value)[0]
		}
	}
	t.Fatalf("no %s in a line with %q:\n%s", key, text, log)
	return ""
}

// A private node migrates and makes its secret; tokens stay good when it starts again.
func TestServeWithoutADatabaseRunsItsOwn(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
