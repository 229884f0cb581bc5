package ws

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// RFC 6455 section 8.1, whether the text is one frame or several; binary frames may hold anything.
func TestTextThatIsNotUTF8IsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat, r.Times.Ping = time.Hour, 2*time.Hour }) // nothing else comes before the close
	for name, text := range map[string]string{
		"a stray byte": "{\"type\":\"list_recent\",\"x\":\"\xff\"}", "half a character": "{\"x\":\"\xc3\"}", "a surrogate": "\xed\xa0\x80",
		"no JSON either": "\xfe",
	} {
		c := k.join()
		c.send(text)
		if before := c.wantClose(websocket.CloseInvalidFramePayloadData); len(before) > 0 {
			t.Errorf("%s: %+v before the close", name, before)
		}
	}
	c := k.join()
	w, err := c.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"{\"type\":\"list_recent\",\"x\":\"\xc3", "\xa9\"}"} { // an é, in two frames
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if f, ok := w.(interface{ Flush() error }); ok {
			_ = f.Flush()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.want("recent_orders")
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte("\xff")); err != nil {
		t.Fatal(err)
	}
	c.wantError("invalid_message")
}

func TestRequestIDComesBackAsItWasGiven(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	for _, id := range []string{`"a"`, `""`, `7`, `-1.50e3`, `"<b>&\u00e9"`, `"` + strings.Repeat("é", 64) + `"`, `"𝄞\n"`,
		strings.Repeat("9", 128)} {
		c.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id": ` + id + ` }`)
		if m := c.want("ack"); string(m.RequestID) != id {
			t.Errorf("request_id %s came back as %s", id, m.RequestID)
		}
	}
	c.send(`{"type":"list_recent","request_id":"list"}`)
	if m := c.want("recent_orders"); string(m.RequestID) != `"list"` {
		t.Errorf("recent_orders with request_id %s", m.RequestID)
	}
}

func TestAnswersComeInOrder(t *testing.T) {
	t.Parallel()
	k := open(t)
	first := make(chan struct{})
	var calls atomic.Int64
	k.store.set(func(s *fakeStore) {
		s.update = func(_ context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			if n := calls.Add(1); n == 1 {
				<-first
			}
			return order.StatusResult{Status: u.Status, Version: 1}, nil
		}
	})
	c := k.join()
	for i := range 10 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
	}
	eventually(t, "the first reached the store", func() bool { return calls.Load() == 1 })
	close(first)
	for i := range 10 {
		if m := c.want("ack"); string(m.RequestID) != fmt.Sprint(i) {
			t.Fatalf("ack %s, want %d", m.RequestID, i)
		}
	}
}
