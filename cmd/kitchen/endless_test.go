package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
)

// Requests that never end, in any of the ways that there are, keep no display out, and do not keep a node from stopping.
func TestRequestsThatNeverEndHurtNobody(t *testing.T) {
	beside(t)
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
// while, the database is reached, and no log line speaks of files that could not be opened.
func TestMoreRequestsThatNeverEndThanFilesHurtNobody(t *testing.T) {
	beside(t)
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
