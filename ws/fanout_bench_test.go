//go:build unix

package ws

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const crowd = 500

// BenchmarkFanOut measures from the feed's call until the last of 500 displays has read the event: the group's part of
// the way, and the clients' reading, on the same machine.
func BenchmarkFanOut(b *testing.B) { benchmarkFanOut(b, ours(b, crowd)) }

// BenchmarkFanOutFloor is the same with what the field usually does: gorilla's prepared message, and a goroutine with a
// chan for each display. Compare with it rather than with another machine's milliseconds.
func BenchmarkFanOutFloor(b *testing.B) { benchmarkFanOut(b, floor(b, crowd)) }

func benchmarkFanOut(b *testing.B, event func()) {
	b.ReportAllocs()
	for b.Loop() {
		event()
	}
}

// What an event costs all of its displays is guarded by the ratio to the floor, both measured in turn in one run, and as
// time computed, which other programs on the machine do not lengthen much: it is 0.7 to 1,
// the clients' reading included.
func TestFanOutCostsNoMoreThanTheFloor(t *testing.T) {
	const displays, events = 100, 60
	us, them := ours(t, displays), floor(t, displays)
	computed := func(event func()) float64 {
		before := cpuTime(t)
		for range events {
			event()
		}
		return (cpuTime(t) - before).Seconds()
	}
	var ratios []float64
	for range 5 {
		ratios = append(ratios, computed(us)/computed(them))
	}
	slices.Sort(ratios)
	if median := ratios[len(ratios)/2]; median > 1.4 {
		t.Errorf("an event to %d displays costs %.2f times the floor; all rounds: %.2f", displays, median, ratios)
	}
	t.Logf("times the floor: %.2f", ratios)
}

// ours returns what sends an event to so many displays of a server, and waits until each has read it.
func ours(t testing.TB, displays int) (event func()) {
	k := open(t, func(r *recipe) { r.Times.Heartbeat, r.Times.Ping = time.Hour, 2*time.Hour })
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 1400) })
	token := k.token(cook)
	audience := newAudience(t)
	for range displays {
		c := k.dial(bistro, token)
		c.want("initial_queue")
		audience.add(c.conn)
	}
	feed := k.feed.subscription(t, bistro)
	return func() {
		audience.got.Add(displays)
		feed.event()
		audience.got.Wait()
	}
}

// floor is ours without our server.
func floor(t testing.TB, displays int) (event func()) {
	joined := make(chan chan *websocket.PreparedMessage, displays)
	var writers sync.WaitGroup
	t.Cleanup(writers.Wait)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		queue := make(chan *websocket.PreparedMessage, 64)
		joined <- queue
		writers.Go(func() {
			defer conn.Close()
			for m := range queue {
				if conn.WritePreparedMessage(m) != nil {
					return
				}
			}
		})
	}))
	t.Cleanup(server.Close)
	audience := newAudience(t)
	var queues []chan *websocket.PreparedMessage
	for range displays {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		audience.add(conn)
		queues = append(queues, <-joined)
	}
	t.Cleanup(func() {
		for _, queue := range queues {
			close(queue)
		}
	})
	doc := []byte(`{"type":"order_updated","filler":"` + strings.Repeat("x", 1450) + `"}`)
	return func() {
		audience.got.Add(displays)
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, queue := range queues {
			queue <- m
		}
		audience.got.Wait()
	}
}

// cpuTime is what this process has computed so far.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// audience reads what many displays get, as cheaply as it can, and counts the messages.
type audience struct {
	got     sync.WaitGroup
	readers sync.WaitGroup
}

func newAudience(b testing.TB) *audience {
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
