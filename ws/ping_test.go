package ws

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestPingsFindTheDead(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Times.Heartbeat, r.Times.Ping, r.Times.Pong = 20*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	})
	dead := k.join()
	dead.conn.SetPingHandler(func(string) error { return nil })
	dead.wantClose(4008)
}

func TestPingsKeepTheLiving(t *testing.T) {
	t.Parallel()
	const pong = 3500 * time.Millisecond
	k := open(t, func(r *recipe) {
		r.Times.Heartbeat, r.Times.Ping, r.Times.Pong = 20*time.Millisecond, 300*time.Millisecond, pong
	})
	// outlives answers whether a display that answers pings outlived its deadline, and how long it received nothing at most.
	outlives := func() (lived bool, silence time.Duration) {
		c := k.join()
		defer c.conn.Close()
		pings := 0
		answer := c.conn.PingHandler()
		c.conn.SetPingHandler(func(data string) error { pings++; return answer(data) })
		began := time.Now()
		for received := began; received.Sub(began) < 4*time.Second; {
			m, err := c.read()
			silence = max(silence, time.Since(received))
			received = time.Now()
			if err != nil {
				t.Logf("after %v: %v", received.Sub(began), err)
				return false, silence
			}
			if m.Type != "heartbeat" {
				t.Errorf("received %+v", m)
			}
		}
		return pings >= 2, silence // it outlived its deadline because it answered them
	}
	for {
		lived, silence := outlives()
		if lived {
			return
		}
		if silence < pong/3 {
			t.Fatalf("a display that answers pings was given up, or not pinged; it received something at least every %v", silence)
		}
		t.Logf("the machine stood still for %v, which says nothing of pings", silence)
	}
}

func TestPingIsAnswered(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	got := ""
	c.conn.SetPongHandler(func(data string) error { got = data; return nil })
	if err := c.conn.WriteControl(websocket.PingMessage, []byte("hello"), time.Now().Add(waitLimit)); err != nil {
		t.Fatal(err)
	}
	c.send(`{"type":"list_recent"}`)
	c.want("recent_orders")
	if got != "hello" {
		t.Errorf("pong %q", got)
	}
}
