package ws

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const crowd = 500

// BenchmarkFanOut measures from the feed's call until the last of 500 displays has read the event: the group's part of
// the way, and the clients' reading, on the same machine.
func BenchmarkFanOut(b *testing.B) {
	k := open(b, func(r *recipe) { r.Times.Heartbeat, r.Times.Ping = time.Hour, 2*time.Hour })
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 1400) })
	token := k.token(cook)
	audience := newAudience(b)
	for range crowd {
		c := k.dial(bistro, token)
		c.want("initial_queue")
		audience.add(c.conn)
	}
	seat := k.feed.seat(b, bistro)
	b.ReportAllocs()
	for b.Loop() {
		audience.got.Add(crowd)
		seat.event()
		audience.got.Wait()
	}
}

// BenchmarkFanOutFloor is the same with what the field usually does: gorilla's prepared message, and a goroutine with a
// chan for each display. Compare with it rather than with another machine's milliseconds.
func BenchmarkFanOutFloor(b *testing.B) {
	displays := make(chan chan *websocket.PreparedMessage, crowd)
	var writers sync.WaitGroup
	b.Cleanup(writers.Wait)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			b.Error(err)
			return
		}
		queue := make(chan *websocket.PreparedMessage, 64)
		displays <- queue
		writers.Go(func() {
			defer conn.Close()
			for m := range queue {
				if conn.WritePreparedMessage(m) != nil {
					return
				}
			}
		})
	}))
	b.Cleanup(server.Close)
	audience := newAudience(b)
	var queues []chan *websocket.PreparedMessage
	for range crowd {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		audience.add(conn)
		queues = append(queues, <-displays)
	}
	b.Cleanup(func() {
		for _, queue := range queues {
			close(queue)
		}
	})
	doc := []byte(`{"type":"order_updated","filler":"` + strings.Repeat("x", 1450) + `"}`)
	b.ReportAllocs()
	for b.Loop() {
		audience.got.Add(crowd)
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, doc)
		if err != nil {
			b.Fatal(err)
		}
		for _, queue := range queues {
			queue <- m
		}
		audience.got.Wait()
	}
}

// audience reads what many displays get, as cheaply as it can, and counts the messages.
type audience struct {
	got     sync.WaitGroup
	readers sync.WaitGroup
}

func newAudience(b *testing.B) *audience {
	a := &audience{}
	b.Cleanup(a.readers.Wait) // runs after the connections' own cleanups, which end the readers
	return a
}

func (a *audience) add(conn *websocket.Conn) {
	_ = conn.SetReadDeadline(time.Time{})
	a.readers.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.NetConn().Read(buf)
			if err != nil {
				return
			}
			if buf[n-1] == '}' {
				a.got.Done()
			}
		}
	})
}
