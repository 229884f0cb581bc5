package ws

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
)

func TestUserHasOnlySoManyDisplays(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.DisplaysPerUser = 2 })
	first, second := k.join(), k.join()
	k.dialRefused(bistro, k.token(cook), 4029)
	// Nor does a display become the user's by renewing; others of the restaurant are as welcome as before.
	look := k.dial(bistro, k.token(viewer))
	look.want("initial_queue")
	look.send(`{"type":"authenticate","token":"` + k.token(cook) + `"}`)
	if m := look.wantError("bad_token"); !strings.Contains(m.Message, "too many displays of this user") {
		t.Errorf("beyond a user's displays the refusal says %+v", m)
	}
	look.send(moveSoup)
	look.wantError("forbidden") // it is the viewer's still
	look.conn.Close()
	eventually(t, "it has left", func() bool { return k.server.Displays() == 2 })
	k.dial(bistro, k.token(viewer)).want("initial_queue")
	// One that renews its own credential takes no second place, and one that becomes another's gives it back.
	first.send(`{"type":"authenticate","token":"` + k.token(cook) + `"}`)
	first.want("authenticated")
	second.send(`{"type":"authenticate","token":"` + k.token(viewer) + `"}`)
	second.want("authenticated")
	k.join()
	first.conn.Close()
	eventually(t, "the first has left", func() bool {
		k.server.mu.Lock()
		defer k.server.mu.Unlock()
		return k.server.perHolder[holder{user: cook}] == 1
	})
	k.join()
}

func TestRestaurantMayFillHalfOfANodeUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.Displays = 4 })
	k.join()
	k.join()
	k.dialRefused(bistro, k.token(cook), 4029)
	for range 2 {
		k.dial(diner, k.token(rival)).want("initial_queue")
	}
	if response := k.dialHTTP(t); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a fifth display: %s", response.Status)
	}
}

func TestJoinsOfARestaurantAreBoundedAndKeepNobodyOut(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		// As many as there is room for, and then none while this runs.
		r.Limits.DisplaysPerRestaurant, r.Limits.JoinsPerRestaurant = 3, 1e-9
		r.Limits.Displays, r.Limits.Joins = 5, 1e-9
	})
	for range 3 {
		c := k.join()
		c.conn.Close()
		eventually(t, "it has left", func() bool { return k.server.Displays() == 0 })
	}
	for range 10 {
		k.dialRefused(bistro, k.token(cook), 4029)
	}
	// What the bistro was refused is not taken from the node, whose own bound comes after two more.
	for range 2 {
		k.dial(diner, k.token(rival)).want("initial_queue")
	}
	k.dialRefused(diner, k.token(rival), 1013)
}

// A node that starts anew is joined by all the displays it has room for at once.
func TestHerdOfAllDisplaysPassesTheDefaultBounds(t *testing.T) {
	t.Parallel()
	cfg, err := Config{Feed: newFakeFeed(), Store: newFakeStore(), Keys: &credential.Keys{}}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	j := limit.NewJoins(cfg.Limits.joinsOfRestaurant(), cfg.Limits.joinsOfNode())
	now := time.Now()
	for i := range cfg.Limits.Displays {
		restaurant := order.RestaurantID(fmt.Sprint(i % 2)) // the worst: each has half of the node
		if why := j.Take(restaurant, now); why != closing.None() {
			t.Fatalf("display %d: %+v", i, why)
		}
	}
}

func TestMessageHasToArriveInTime(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Message = 100 * time.Millisecond })
	masked := func(head ...byte) []byte { return append(head, 0, 0, 0, 0) }
	for name, never := range map[string][]byte{
		"half a frame":                 append(masked(0x81, 0xa0), `{"type":`...),
		"one fragment":                 append(masked(0x01, 0x88), `{"type":`...),
		"fragments of nothing":         append(masked(0x01, 0x80), bytes.Repeat(masked(0x00, 0x80), 100)...),
		"fragments, and pongs between": append(masked(0x01, 0x80), masked(0x8a, 0x80)...),
	} {
		t.Run(name, func(t *testing.T) {
			c := k.join()
			c.t = t
			stop := make(chan struct{})
			sent := make(chan struct{})
			go func() { // signs of life do not put it off
				defer close(sent)
				pong := append(never, masked(0x8a, 0x80)...)
				if name == "half a frame" {
					pong = never
				}
				if _, err := c.conn.NetConn().Write(pong); err != nil || name == "half a frame" {
					return
				}
				for {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
						if _, err := c.conn.NetConn().Write(masked(0x8a, 0x80)); err != nil {
							return
						}
					}
				}
			}()
			c.wantClose(4008)
			close(stop)
			<-sent
		})
	}
}

// With compression, 16 KiB on the wire are megabytes in memory. It is not agreed on, and a frame that uses it all the
// same is a breach of the protocol before a byte is unpacked.
func TestCompressionIsNeitherOfferedNorTaken(t *testing.T) { // not beside others, whose memory would be counted
	k := open(t)
	dialer := websocket.Dialer{EnableCompression: true}
	conn, response, err := dialer.Dial(k.url(bistro), http.Header{"Authorization": {"Bearer " + k.token(cook)}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if agreed := response.Header.Get("Sec-WebSocket-Extensions"); agreed != "" {
		t.Errorf("agreed on %q", agreed)
	}
	c := &client{t: t, conn: conn}
	c.want("initial_queue")

	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(`{"type":"` + strings.Repeat("x", 4<<20) + `"}`))
	_ = w.Flush()
	frame := binary.BigEndian.AppendUint16([]byte{0xc1, 0xfe}, uint16(bomb.Len()))
	frame = append(append(frame, 0, 0, 0, 0), bomb.Bytes()...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := conn.NetConn().Write(frame); err != nil {
		t.Fatal(err)
	}
	c.wantClose(websocket.CloseProtocolError)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for a bomb of %d", used, len(frame))
	}
}

func TestMessageBytesAreALimit(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.MessageBytes = 2000 })
	const shell = `{"type":"list_recent","x":""}`
	for size, code := range map[int]int{2000: 0, 2001: 1009} {
		c := k.join()
		c.send(strings.Replace(shell, `""`, `"`+strings.Repeat("x", size-len(shell))+`"`, 1))
		if code == 0 {
			c.want("recent_orders")
		} else {
			c.wantClose(code)
		}
	}
	// In pieces, and more than anybody would wait for.
	c := k.join()
	w, err := c.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 1000 {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}()
	c.wantClose(1009)
}
