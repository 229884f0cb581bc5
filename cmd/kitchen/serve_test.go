package main

import (
	"io"
	"net"
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

// Whoever spreads displays over nodes learns from readyz that this one hears nothing, and healthz keeps it from being
// restarted for that.
func TestReadyzSaysThatTheFeedIsDeaf(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, nil)
	s := startServe(t, onDatabase(server.URL())...)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusServiceUnavailable)
	// Anybody may ask there; the reasons are for whoever runs the node.
	if _, body := s.get(t, "/readyz"); strings.TrimSpace(body) != "not live" {
		t.Errorf("the public is told %q", body)
	}
	admin := &served{url: "http://" + strings.TrimSuffix(attribute(t, s.stderr.String(), "msg=metrics", "address=http://"), "/metrics")}
	if status, body := admin.get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.HasPrefix(body, "not live: notifications") {
		t.Errorf("whoever runs the node is told %d %q", status, body)
	}
	if status, _ := s.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz answers %d", status)
	}
	if err := server.Restart(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.await(t, "/readyz", http.StatusOK)
}

// attribute is what stands behind a key in the first line of a log that contains a text.
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

// Requests that never end, in any of the ways that there are, keep no display out, and do not keep a node from stopping.
func TestRequestsThatNeverEndHurtNobody(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	p := spawn(t, append(onDatabase(url), "KITCHEN_MAX_CONNECTIONS=40"), "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off")
	s := &served{running: &running{stderr: p.stderr}, url: p.line(t, "http://")}
	s.await(t, "/readyz", http.StatusOK)
	good := connect(t, s.socket(h.restaurant), h.token(t))
	good.untilType(t, "initial_queue")
	for i := range 120 {
		_ = s.endless(t, i)
	}
	began := time.Now()
	late := connect(t, s.socket(h.restaurant), h.token(t))
	late.untilType(t, "initial_queue")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a display joins after %v", took)
	}
	id := h.order(t, "")
	for _, d := range []*display{good, late} {
		d.until(t, "the order", func(m terminal.Message) bool { return m.Order != nil && m.Order.ID == id })
	}
	p.stderr.await(t, "too many connections")
	_ = good.Close()
	_ = late.Close()
	began = time.Now()
	p.signal(t, "TERM")
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

// endless makes a request that never ends, of one of the kinds that there are, and returns its connection.
func (s *served) endless(t *testing.T, kind int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, _ = conn.Write([]byte([]string{
		"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", // a body that never comes
		"GET / HTTP/1.1\r\nHos", // a header that never ends
		strings.Repeat("GET /board/board.js HTTP/1.1\r\nHost: x\r\n\r\n", 50), // answers that nobody reads
		"", // nothing
	}[kind%4])) // where there are too many, it is refused
	return conn
}

// A process that may open 400 files, and 600 requests that never end and are made again and again: displays join all the
// while, the database is reached, and nobody is told of files that could not be opened.
func TestMoreRequestsThatNeverEndThanFilesHurtNobody(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	p := spawnWithFiles(t, 400, onDatabase(url), "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off")
	s := &served{running: &running{stderr: p.stderr}, url: p.line(t, "http://")}
	s.await(t, "/readyz", http.StatusOK)
	good := connect(t, s.socket(h.restaurant), h.token(t))
	good.untilType(t, "initial_queue")
	var attack []net.Conn
	for i := range 600 {
		attack = append(attack, s.endless(t, i))
	}
	slowest, joined := time.Duration(0), 0
	for end := time.Now().Add(attackTime()); joined < 3 || time.Now().Before(end); joined++ {
		for i := range attack[:60] { // in the place of some that were ended, or not
			_ = attack[i].Close()
			attack = append(attack, s.endless(t, i))
		}
		attack = attack[60:]
		began := time.Now()
		late := connect(t, s.socket(h.restaurant), h.token(t))
		late.untilType(t, "initial_queue")
		slowest = max(slowest, time.Since(began))
		id := h.order(t, "")
		for _, d := range []*display{good, late} {
			d.until(t, "the order", func(m terminal.Message) bool { return m.Order != nil && m.Order.ID == id })
		}
		execute(t, h, `update orders set status = 'completed'`)
		_ = late.Close()
	}
	t.Logf("%d displays joined, the slowest in %v", joined, slowest)
	if slowest > 10*time.Second {
		t.Errorf("a display joined after %v", slowest)
	}
	p.stderr.await(t, "too many connections")
	if said := p.stderr.String(); strings.Contains(said, "too many open files") {
		t.Errorf("the process ran out of files:\n%.2000s", said)
	}
}

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
