package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/cmd/kitchen/terminal"
)

// display is a display's connection, and what it received.
type display struct {
	*websocket.Conn
	messages []terminal.Message // received so far
}

// connect opens a display; what comes first is for the test to read.
func connect(t *testing.T, address, token string) *display {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.DialContext(t.Context(), address+"?token="+token, nil)
	if err != nil {
		t.Fatalf("connect: %v (%v)", err, response)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &display{Conn: conn}
}

// until reads messages until one satisfies want, and returns it.
func (d *display) until(t *testing.T, what string, want func(terminal.Message) bool) terminal.Message {
	t.Helper()
	_ = d.SetReadDeadline(time.Now().Add(waitLimit))
	for {
		var m terminal.Message
		_, text, err := d.ReadMessage()
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatalf("no %s: %v", what, err)
		}
		checkTold(t, text)
		d.messages = append(d.messages, m)
		if want(m) {
			return m
		}
	}
}

func (d *display) untilType(t *testing.T, kind string) terminal.Message {
	t.Helper()
	return d.until(t, kind, func(m terminal.Message) bool { return m.Type == kind })
}
