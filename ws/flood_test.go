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

func TestTooManyMessagesAreToldAndAFloodIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		// So slow that none comes back while this runs.
		r.Limits.MessageRate, r.Limits.MessageBurst, r.Limits.Flood = 1e-9, 3, 5
	})
	other := k.join()
	c := k.join()
	for i := range 3 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
		c.want("ack")
	}
	for i := range 4 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
		if m := c.wantError("rate_limited"); string(m.RequestID) != fmt.Sprint(i) || m.OrderID != soup {
			t.Errorf("rate_limited for %s, %s", m.RequestID, m.OrderID)
		}
	}
	c.send(`{"type":"list_recent"}`)
	c.wantClose(4029)
	other.send(`{"type":"list_recent"}`)
	other.want("recent_orders")
}

// A display whose request the database does not answer yet is told of too many messages all the same, and a flood is closed. Messages that
// are within the rate wait, and are answered one after the other, in their order.
func TestMessagesAreCountedWhileAnAnswerIsAwaited(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Limits.MessageRate, r.Limits.MessageBurst, r.Limits.Flood = 1e-9, 3, 5
		r.Times.Store = waitLimit
	})
	answers := make(chan struct{})
	var asking atomic.Int32
	k.store.set(func(s *fakeStore) {
		s.update = func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			if n := asking.Add(1); n != 1 {
				t.Errorf("%d requests of one display are with the database", n)
			}
			defer asking.Add(-1)
			select {
			case <-answers:
			case <-ctx.Done():
			}
			return order.StatusResult{Status: u.Status, Version: 2}, ctx.Err()
		}
	})
	c, flood := k.join(), k.join()
	for i := range 5 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
	}
	for _, i := range []string{"3", "4"} {
		if m := c.wantError("rate_limited"); string(m.RequestID) != i {
			t.Errorf("rate_limited for %s", m.RequestID)
		}
	}
	close(answers)
	for _, i := range []string{"0", "1", "2"} {
		if m := c.want("ack"); string(m.RequestID) != i {
			t.Errorf("an ack for %s, where %s was next", m.RequestID, i)
		}
	}

	hang := make(chan struct{})
	k.store.set(func(s *fakeStore) {
		s.update = func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			<-hang
			return order.StatusResult{}, errAway
		}
	})
	defer close(hang)
	for range 8 {
		flood.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready"}`, soup))
	}
	flood.wantClose(4029)
}

// Long messages that wait for an answer are bounded in bytes: the display is read again when one of them is answered.
func TestMessagesThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.MessageBytes = 1000; r.Times.Store = waitLimit })
	answers := make(chan struct{})
	k.store.set(func(s *fakeStore) {
		s.update = func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			<-answers
			return order.StatusResult{Status: u.Status, Version: 2}, nil
		}
	})
	defer close(answers)
	c := k.join()
	for i := range 20 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d,"x":%q}`, soup, i, strings.Repeat("x", 300)))
	}
	d := k.displayOf(0)
	waiting := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.inbox.bytes
	}
	for i := range 20 {
		if i < 15 {
			eventually(t, "messages wait", func() bool { return waiting() > 500 })
		}
		if n := waiting(); n > 1000 {
			t.Fatalf("%d bytes wait", n)
		}
		answers <- struct{}{}
		if m := c.want("ack"); string(m.RequestID) != fmt.Sprint(i) {
			t.Errorf("an ack for %s, where %d was next", m.RequestID, i)
		}
	}
}

func TestPingFloodIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.MessageRate, r.Limits.MessageBurst, r.Limits.Flood = 1e-9, 2, 5 })
	c := k.join()
	for range 7 {
		if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(waitLimit)); err != nil {
			break // it is closed already
		}
	}
	c.wantClose(4029)
}

func TestMessageOver16KiBIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t)
	message := func(size int) string {
		m := `{"type":"list_recent","x":""}`
		return strings.Replace(m, `""`, `"`+strings.Repeat("x", size-len(m))+`"`, 1)
	}
	c := k.join()
	c.send(message(16 << 10))
	c.want("recent_orders")
	c.send(message(16<<10 + 1))
	c.wantClose(1009)
}

// A client that joins and leaves as fast as it can does not fill the log.
func TestDisplaysThatComeAndGoDoNotFloodTheLog(t *testing.T) {
	t.Parallel()
	k := open(t)
	began := time.Now()
	for range 150 {
		c := k.join()
		c.send(strings.Repeat("x", 17<<10))
		c.wantClose(1009)
	}
	most := 51 + 5*int(time.Since(began).Seconds()+1) // see ws/limit
	if n := strings.Count(k.logs.String(), `"a display left"`); n == 0 || n > most {
		t.Errorf("150 displays that were closed wrote %d lines, and may write %d", n, most)
	}
}
