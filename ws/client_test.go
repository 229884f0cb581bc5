package ws

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// dialer trusts the certificate of a test.
func dialer() *websocket.Dialer {
	return &websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}

// client is a display under test: a plain gorilla connection that the test reads by itself.
type client struct {
	t          testing.TB
	conn       *websocket.Conn
	restaurant order.RestaurantID // whose display it is; empty where the test does not say
}

// dial connects with a token in the header, and reads nothing.
func (k *kitchen) dial(restaurant order.RestaurantID, token string) *client {
	k.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	conn, response, err := dialer().Dial(k.url(restaurant), header)
	if err != nil {
		k.t.Fatalf("dial: %v (%v)", err, response)
	}
	k.t.Cleanup(func() { conn.Close() })
	return &client{k.t, conn, restaurant}
}

// join connects the cook of the bistro, and reads the queue.
func (k *kitchen) join() *client {
	k.t.Helper()
	c := k.dial(bistro, k.token(cook))
	c.want("initial_queue")
	return c
}

type message struct {
	Type       string             `json:"type"`
	Restaurant order.RestaurantID `json:"restaurant_id"`
	Seq        int                `json:"seq"` // of the fake feed
	Code       string             `json:"code"`
	Message    string             `json:"message"`
	RequestID  json.RawMessage    `json:"request_id"`
	OrderID    order.OrderID      `json:"order_id"`
	Status     string             `json:"status"`
	Version    *int64             `json:"version"`
	Waiting    json.RawMessage    `json:"waiting"`
	Live       bool               `json:"live"`
	Omitted    int                `json:"omitted"`
	ServerTime time.Time          `json:"server_time"`
	ExpiresAt  time.Time          `json:"expires_at"`
	Orders     []json.RawMessage  `json:"orders"`
}

// read holds in every test, whatever it is about: no display hears of another restaurant.
func (c *client) read() (message, error) {
	c.t.Helper()
	var m message
	_ = c.conn.SetReadDeadline(time.Now().Add(waitLimit))
	err := c.conn.ReadJSON(&m)
	if c.restaurant != "" && m.Restaurant != "" && m.Restaurant != c.restaurant {
		c.t.Errorf("a display of %s was told of %s: %+v", c.restaurant, m.Restaurant, m)
	}
	return m, err
}

func (c *client) next() message {
	c.t.Helper()
	m, err := c.read()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return m
}

// want reads the next message, which has to be of a type; heartbeats are passed over unless one is wanted.
func (c *client) want(kind string) message {
	c.t.Helper()
	for {
		m := c.next()
		if m.Type == kind {
			return m
		}
		if m.Type != "heartbeat" {
			c.t.Fatalf("got %+v, want %s", m, kind)
		}
	}
}

func (c *client) wantError(code string) message {
	c.t.Helper()
	m := c.want("error")
	if m.Code != code || m.Message == "" {
		c.t.Fatalf("got error %q (%s), want %q", m.Code, m.Message, code)
	}
	return m
}

// wantClose reads until the server closes, and returns the messages before that.
func (c *client) wantClose(code int) []message {
	c.t.Helper()
	var before []message
	late := time.Now().Add(waitLimit) // heartbeats would put it off for ever
	for {
		m, err := c.read()
		if err == nil && time.Now().After(late) {
			c.t.Fatalf("not closed, want %d; the last of %d messages is %+v", code, len(before), m)
		}
		if err == nil {
			before = append(before, m)
			continue
		}
		if !websocket.IsCloseError(err, code) {
			c.t.Fatalf("closed with %v, want %d; before that %d messages", err, code, len(before))
		}
		return before
	}
}

func (c *client) send(text string) {
	c.t.Helper()
	_ = c.conn.SetWriteDeadline(time.Now().Add(waitLimit))
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}
