package ws

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
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

// Whoever joins and leaves as fast as they can does not fill the log.
func TestDisplaysThatComeAndGoDoNotFloodTheLog(t *testing.T) {
	t.Parallel()
	k := open(t)
	for range 150 {
		c := k.join()
		c.send(strings.Repeat("x", 17<<10))
		c.wantClose(1009)
	}
	if n := strings.Count(k.logs.String(), `"a display left"`); n == 0 || n > 100 {
		t.Errorf("150 displays that were closed wrote %d lines", n)
	}
}
