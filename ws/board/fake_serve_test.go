package board_test

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type display struct {
	mu    sync.Mutex
	conn  *websocket.Conn
	token string
	shows []string // ids of stations; nil: everything
}

func (d *display) say(m any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.conn.WriteJSON(m)
}

func (k *kitchen) serve(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{"kitchen.v1"}}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	d := &display{conn: conn}
	for _, p := range websocket.Subprotocols(r) {
		if after, ok := strings.CutPrefix(p, "bearer."); ok {
			d.token = after
		}
	}
	k.mu.Lock()
	good, closed := k.tokens[d.token], k.closed
	k.mu.Unlock()
	if closed {
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1013, "unavailable: try again soon"), time.Now().Add(time.Second))
		_, _, _ = conn.ReadMessage()
		return
	}
	if !good || r.PathValue("id") != restaurant {
		k.mu.Lock()
		code, reason := 4001, k.refusal
		k.mu.Unlock()
		if good {
			code, reason = 4003, "other_restaurant: this user does not belong to this restaurant"
		}
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
		_, _, _ = conn.ReadMessage()
		return
	}
	k.mu.Lock()
	d.say(k.snapshot())
	k.displays[d] = true
	k.countScreens()
	k.wake()
	k.mu.Unlock()
	stop := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		tick := time.NewTicker(k.beat)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				k.mu.Lock()
				m := k.heartbeat()
				k.mu.Unlock()
				d.say(m)
			}
		}
	})
	for {
		var m map[string]any
		if err := conn.ReadJSON(&m); err != nil {
			break
		}
		k.receive(d, m)
	}
	close(stop)
	beats.Wait()
	k.mu.Lock()
	delete(k.displays, d)
	k.countScreens()
	k.wake()
	k.mu.Unlock()
}

func (d *display) close(code int, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}
