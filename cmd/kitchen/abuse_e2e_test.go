package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// raw opens a connection to a node that speaks no protocol yet.
func (s *served) raw(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// follow counts the events of a display, until the test ends.
func follow(t *testing.T, n *served, h house) (events *atomic.Int64) {
	t.Helper()
	d := open(t, n, h, h.token(t))
	d.next()
	events = new(atomic.Int64)
	var reading sync.WaitGroup
	reading.Go(func() {
		_ = d.conn.SetReadDeadline(time.Time{})
		for {
			_, text, err := d.conn.ReadMessage()
			if err != nil {
				return
			}
			if bytes.Contains(text, []byte(`"order_created"`)) {
				events.Add(1)
			}
		}
	})
	t.Cleanup(func() { _ = d.conn.Close(); reading.Wait() })
	return events
}

// at waits until as many events have come.
func at(t *testing.T, events *atomic.Int64, want int64) {
	t.Helper()
	for deadline := time.Now().Add(patience); events.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d events came of %d", events.Load(), want)
		}
	}
}

// Strangers who have no token: headers that never end, tokens that are none, addresses of a megabyte. Displays do not
// notice, new ones get in, and what is left afterwards is nothing.
func TestFloodOfHandshakesHurtsNoDisplay(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, append(onDatabase(url), "KITCHEN_HEADER_TIMEOUT=1s")...)
	events := follow(t, n, h)

	stop := make(chan struct{})
	var strangers sync.WaitGroup
	var refused, slow atomic.Int64
	for range 100 { // a byte of a header now and then
		conn := n.raw(t)
		strangers.Go(func() {
			_, _ = io.WriteString(conn, "GET /ws/kitchen/"+string(h.restaurant)+"/ HTTP/1.1\r\nHost: k\r\nX: ")
			gone := make(chan struct{})
			var cut error
			go func() { defer close(gone); _, cut = io.Copy(io.Discard, conn) }()
			every := time.NewTicker(100 * time.Millisecond)
			defer every.Stop()
			for {
				select {
				case <-gone:
					if !errors.Is(cut, os.ErrDeadlineExceeded) { // our own patience
						slow.Add(1)
					}
					return
				case <-every.C:
					_, _ = io.WriteString(conn, "x")
				}
			}
		})
	}
	for range 4 { // as fast as they can
		strangers.Go(func() {
			dialer := websocket.Dialer{HandshakeTimeout: patience}
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				conn, _, err := dialer.Dial(n.socket(h.restaurant)+fmt.Sprintf("?token=a.b.%d", i), nil)
				if err != nil {
					continue
				}
				if i%2 == 0 { // the other half does not wait for the close
					_ = conn.SetReadDeadline(time.Now().Add(patience))
					if _, _, err := conn.ReadMessage(); websocket.IsCloseError(err, 4001) {
						refused.Add(1)
					}
				}
				_ = conn.Close()
			}
		})
	}
	for range 3 { // nearly a megabyte where a token belongs
		conn := n.raw(t)
		strangers.Go(func() {
			go func() {
				_, _ = fmt.Fprintf(conn, "GET /ws/kitchen/%s/?token=%s HTTP/1.1\r\nHost: k\r\n\r\n", h.restaurant, strings.Repeat("a", 900_000))
			}()
			if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil && response.StatusCode != 431 {
				t.Errorf("900 kB of token: %s", response.Status)
			}
		})
	}

	began, slowest := time.Now(), time.Duration(0)
	for i := int64(1); time.Since(began) < 2*time.Second; i++ {
		wrote := time.Now()
		h.order(t, "in the flood")
		at(t, events, i)
		slowest = max(slowest, time.Since(wrote))
		joining := time.Now()
		late := open(t, n, h, h.token(t))
		if m := late.next(); m["type"] != "initial_queue" {
			t.Errorf("a new display is told %v", m)
		}
		if took := time.Since(joining); took > 5*time.Second {
			t.Errorf("a new display waited for %v", took)
		}
		_ = late.conn.Close()
	}
	close(stop)
	strangers.Wait()
	t.Logf("%d refused, %d slow headers cut; the slowest order took %v to be seen", refused.Load(), slow.Load(), slowest)
	if slow.Load() != 100 || refused.Load() == 0 {
		t.Errorf("%d of 100 slow headers were cut, %d bad tokens refused", slow.Load(), refused.Load())
	}
	if slowest > 5*time.Second { // half a second on a machine that does nothing else
		t.Errorf("an order took %v to be seen", slowest)
	}
}

// One who has a token, and means ill. Each is closed with the code that says why, and by itself.
func TestHostileDisplayIsClosedAndNoOther(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, append(onDatabase(url), "KITCHEN_READ_TIMEOUT=7s", "KITCHEN_MESSAGE_TIMEOUT=300ms")...)
	events := follow(t, n, h)
	dead := open(t, n, h, h.token(t)) // half-open: it never answers a ping
	dead.next()
	dead.conn.SetPingHandler(func(string) error { return nil })
	joined := time.Now()

	masked := func(op byte, payload []byte) []byte {
		f := []byte{op, 0x80 | 126}
		f = binary.BigEndian.AppendUint16(f, uint16(len(payload)))
		return append(append(f, 0, 0, 0, 0), payload...)
	}
	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(make([]byte, 4<<20))
	_ = w.Flush()
	megabyte := append(binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, 1<<20), make([]byte, 4+1<<20)...)
	for name, c := range map[string]struct {
		bytes  []byte
		repeat int
		code   int
	}{
		"no mask":                     {[]byte{0x81, 0x02, '{', '}'}, 1, 1002},
		"a compressed bomb":           {masked(0xc1, bomb.Bytes()[:min(bomb.Len(), 1<<16-1)]), 1, 1002},
		"an unknown opcode":           {masked(0x83, nil), 1, 1002},
		"a ping in fragments":         {[]byte{0x09, 0x80, 0, 0, 0, 0}, 1, 1002},
		"a frame of a megabyte":       {megabyte, 1, 1009},
		"a length that cannot be":     {[]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 1, 1009},
		"pings without end":           {[]byte{0x89, 0x80, 0, 0, 0, 0}, 20_000, 4029},
		"pongs without end":           {[]byte{0x8a, 0x80, 0, 0, 0, 0}, 20_000, 4029},
		"messages without end":        {masked(0x81, []byte(`{"type":"dance"}`)), 20_000, 4029},
		"rubbish without end":         {masked(0x82, []byte{0xff, 0xfe}), 20_000, 4029},
		"a message that never ends":   {[]byte{0x01, 0x88, 0, 0, 0, 0, '{', '"', 't', 'y', 'p', 'e', '"', ':'}, 1, 4008},
		"fragments of nothing":        {append([]byte{0x01, 0x80, 0, 0, 0, 0}, bytes.Repeat([]byte{0x00, 0x80, 0, 0, 0, 0}, 1000)...), 1, 4008},
		"a close code that is none":   {append([]byte{0x88, 0x82, 0, 0, 0, 0}, 0x03, 0xed), 1, 1002},
		"a close reason that is none": {append([]byte{0x88, 0x83, 0, 0, 0, 0}, 0x03, 0xe8, 0xff), 1, 1002},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, n, h, h.token(t))
			d.t = t
			d.next()
			go func() {
				for range c.repeat {
					if _, err := d.conn.NetConn().Write(c.bytes); err != nil {
						return
					}
				}
			}()
			if got := d.closed(); got != c.code {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
			before := events.Load()
			h.order(t, name)
			at(t, events, before+1)
		})
	}

	_ = dead.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		_, _, err := dead.conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) && closed.Code == 4008 {
			break
		} else if err != nil {
			t.Fatalf("half-open: %v", err)
		}
	}
	t.Logf("half-open: closed after %v", time.Since(joined))
}

// Each bound is a setting: up to it all is well, one more is refused with its code.
func TestLimitsHoldAtTheLimitAndOneMore(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	a, b, c := newHouse(t, url, "ana"), newHouse(t, url, "bea"), newHouse(t, url, "cid")
	again := a.another(t, "alf")
	n := startServe(t, append(onDatabase(url), "KITCHEN_MAX_DISPLAYS=6", "KITCHEN_MAX_DISPLAYS_PER_RESTAURANT=3", "KITCHEN_MAX_DISPLAYS_PER_USER=2",
		"KITCHEN_MAX_MESSAGE_BYTES=2000", "KITCHEN_MESSAGE_BURST=5", "KITCHEN_MESSAGE_RATE=0.001", "KITCHEN_MAX_HEADER_BYTES=9000",
		"KITCHEN_MAX_TOKEN_BYTES=500")...)

	// Displays of a user, of a restaurant, of the node.
	for range 2 {
		open(t, n, a, a.token(t)).next()
	}
	if got := open(t, n, a, a.token(t)).closed(); got != 4029 {
		t.Errorf("a third display of a user: %d", got)
	}
	last := open(t, n, a, again.token(t))
	last.next()
	if got := open(t, n, a, again.token(t)).closed(); got != 4029 {
		t.Errorf("a fourth display of a restaurant: %d", got)
	}
	var spare *frames
	for _, h := range []house{b, b, c} {
		spare = open(t, n, h, h.token(t))
		spare.next()
	}
	_, response, err := websocket.DefaultDialer.Dial(n.socket(c.restaurant)+"?token="+c.token(t), nil)
	if err == nil || response == nil || response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("a seventh display of the node: %v, %v", response, err)
	}

	// Messages: bytes, and how many.
	const shell = `{"type":"dance","x":""}`
	message := func(size int) fields {
		return fields{"type": "dance", "x": strings.Repeat("x", size-len(shell))}
	}
	for i := range 7 {
		want := "unknown_type"
		if i >= 5 {
			want = "rate_limited"
		}
		if m := last.ask(message(1999)); m["code"] != want { // and the encoder's newline
			t.Errorf("message %d of 2000 bytes: %v", i, m)
		}
	}
	last.send(message(2000))
	if got := last.closed(); got != 1009 {
		t.Errorf("2001 bytes: %d", got)
	}

	// The token, and the header as a whole.
	_ = spare.conn.Close() // so that there is room for those that leave slowly
	exact := again.token(t)
	exact += strings.Repeat("A", 500-len(exact)) // not signed, so it is read and refused, or refused unread
	for _, token := range []string{exact, exact + "A"} {
		if got := openWhenFree(t, n, a, token).closed(); got != 4001 {
			t.Errorf("a token of %d bytes: %d", len(token), got)
		}
	}
	for size, want := range map[int]int{9000: 426, 9001: 431} {
		conn := n.raw(t)
		request := fmt.Sprintf("GET /ws/kitchen/%s/ HTTP/1.1\r\nHost: k\r\nX: ", a.restaurant)
		request += strings.Repeat("x", size-len(request)-4) + "\r\n\r\n"
		go func() { _, _ = io.WriteString(conn, request) }()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != want {
			t.Errorf("a header of %d bytes: %v, %v", len(request), response, err)
		}
	}
}

// openWhenFree is open, on a node that was full a moment ago.
func openWhenFree(t *testing.T, n *served, h house, token string) *frames {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		conn, response, err := websocket.DefaultDialer.Dial(n.socket(h.restaurant)+"?token="+token, nil)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			return &frames{t: t, conn: conn, restaurant: h.restaurant}
		}
		if response == nil || response.StatusCode != http.StatusServiceUnavailable || time.Now().After(deadline) {
			t.Fatal(err, response)
		}
	}
}

// A restaurant whose displays come and go all the time, or which sends all it may, takes nothing from another.
func TestRestaurantThatMisbehavesKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	bad, good := newHouse(t, url, "bad"), newHouse(t, url, "good")
	n := startServe(t, append(onDatabase(url), "KITCHEN_MAX_DISPLAYS=20", "KITCHEN_JOIN_RATE=20", "KITCHEN_JOIN_RATE_PER_RESTAURANT=0.001")...)
	events := follow(t, n, good)
	stop := make(chan struct{})
	var visitors sync.WaitGroup
	var refused atomic.Int64
	token := bad.token(t)
	for range 3 {
		visitors.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				conn, _, err := websocket.DefaultDialer.Dial(n.socket(bad.restaurant)+"?token="+token, nil)
				if err != nil {
					continue
				}
				_ = conn.SetReadDeadline(time.Now().Add(patience))
				if _, _, err := conn.ReadMessage(); websocket.IsCloseError(err, 4029) {
					refused.Add(1)
				}
				_ = conn.Close()
			}
		})
	}
	for refused.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	for i := range int64(5) {
		open(t, n, good, good.token(t)).next()
		good.order(t, "")
		at(t, events, i+1)
	}
	close(stop)
	visitors.Wait()
}
