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
	_ = conn.SetDeadline(time.Now().Add(waitLimit))
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
	if !dbtest.Poll(waitLimit, func() bool { return events.Load() >= want }) {
		t.Fatalf("%d events came of %d", events.Load(), want)
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
					if !errors.Is(cut, os.ErrDeadlineExceeded) { // our own deadline
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
			dialer := websocket.Dialer{HandshakeTimeout: waitLimit}
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
					_ = conn.SetReadDeadline(time.Now().Add(waitLimit))
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
			t.Errorf("a new display received %v", m)
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
	beside(t)
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

	_ = dead.conn.SetReadDeadline(time.Now().Add(waitLimit))
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
