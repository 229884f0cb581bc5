package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db"
	"kitchen/db/load"
	"kitchen/db/order"
)

// floor is the simplest program that could stand in for a node: plain gorilla and pgx, a goroutine and a chan for each display. It
// reads nothing from the database and keeps none of our promises. The bench compares a node with it in the same run, because
// milliseconds alone depend more on the machine than on the node.
type floor struct {
	mu     sync.Mutex
	groups map[string][]chan *websocket.PreparedMessage // by channel
}

// ServeFloor runs a floor for the restaurants of a dataset until ctx ends.
func ServeFloor(ctx context.Context, url string, data *load.Dataset, listener net.Listener) error {
	conn, err := db.ConnectListener(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var channels []string
	for _, id := range data.Restaurants {
		channels = append(channels, id.Channel())
	}
	for chunk := range slices.Chunk(channels, 1000) {
		if err := db.Listen(ctx, conn, chunk, nil); err != nil {
			return err
		}
	}
	f := &floor{groups: make(map[string][]chan *websocket.PreparedMessage)}
	server := &http.Server{Handler: http.HandlerFunc(f.serve), ReadHeaderTimeout: 5 * time.Second}
	defer func() { _ = server.Close() }()
	go func() { _ = server.Serve(listener) }() // ends with the process, as the displays' goroutines do
	for {
		n, err := conn.WaitForNotification(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for a notification: %w", err)
		}
		if err := f.send(n.Channel, n.Payload); err != nil {
			return err
		}
	}
}

// orderSize is the size of the document that a node sends of a measured order. The floor sends as many bytes.
const orderSize = 1400

func (f *floor) send(channel, payload string) error {
	doc := `{"type":"order_created","order":` + payload + `,"filler":"` + strings.Repeat("x", orderSize) + `"}`
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(doc))
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, queue := range f.groups[channel] {
		select {
		case queue <- message:
		default:
			return errors.New("a display reads more slowly than the floor sends")
		}
	}
	return nil
}

func (f *floor) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	if conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"initial_queue","orders":[]}`)) != nil {
		return
	}
	queue := make(chan *websocket.PreparedMessage, 1024)
	channel := order.RestaurantID(strings.Split(r.URL.Path, "/")[3]).Channel()
	f.mu.Lock()
	f.groups[channel] = append(f.groups[channel], queue)
	f.mu.Unlock()
	go func() {
		for m := range queue {
			if conn.WritePreparedMessage(m) != nil {
				return
			}
		}
	}()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
