package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

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
	for deadline := time.Now().Add(waitLimit); ; {
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
				_ = conn.SetReadDeadline(time.Now().Add(waitLimit))
				if _, _, err := conn.ReadMessage(); websocket.IsCloseError(err, 4029) {
					refused.Add(1)
				}
				_ = conn.Close()
			}
		})
	}
	until(t, "20 displays are refused", func() bool { return refused.Load() >= 20 })
	for i := range int64(5) {
		open(t, n, good, good.token(t)).next()
		good.order(t, "")
		at(t, events, i+1)
	}
	close(stop)
	visitors.Wait()
}
