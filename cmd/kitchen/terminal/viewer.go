package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // restaurants' time zones, also where the machine has no list of them

	"github.com/cenkalti/backoff/v5"
	"github.com/gorilla/websocket"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// Viewer is a kitchen display without an interface: it connects to a node, passes on every message, and connects again when the
// connection is lost, until the node refuses it for good. All that it knows of the kitchen comes over its socket.
type Viewer struct {
	Address   string // ws://host:port/ws/kitchen/<restaurant id>/
	Token     string
	OnMessage func(Message)               // called with every message, in order
	OnLost    func(time.Duration, string) // called when the connection is lost: how long until the next try, and why it was lost

	mu   sync.Mutex      // guards conn, and is held while a message is written
	conn *websocket.Conn // nil where there is none
}

// errNotConnected is returned for a message that was not sent.
var errNotConnected = errors.New("not connected")

// Message is any message of a node, with the fields that a terminal shows.
type Message struct {
	At         time.Time      `json:"-"` // when it arrived, before it was decoded
	Type       string         `json:"type"`
	Live       bool           `json:"live"`
	Restaurant restaurantInfo `json:"restaurant"`
	Orders     []Ticket       `json:"orders"`
	Order      *Ticket        `json:"order"`
	OrderID    order.OrderID  `json:"order_id"`
	Status     order.Status   `json:"status"`
	Version    int64          `json:"version"`
	Code       string         `json:"code"`
	Message    string         `json:"message"`
	By         string         `json:"by"`
	RequestID  string         `json:"request_id"`
	ServerTime time.Time      `json:"server_time"`
	Stations   []counted      `json:"stations"` // of a screens
	All        int            `json:"all"`
	Alarms     []alarm        `json:"alarms"` // of an initial_queue
	alarm
}

// counted is how many displays show a station.
type counted struct {
	ID      string `json:"id"`
	Screens int    `json:"screens"`
}

type restaurantInfo struct {
	Name      string          `json:"name"`
	Timezone  string          `json:"timezone"`
	WarnAfter int64           `json:"warn_after_s"`
	LateAfter int64           `json:"late_after_s"`
	Stations  []order.Station `json:"stations"`
}

// zone is the restaurant's time zone, or this machine's where the restaurant's is not known.
func (n restaurantInfo) zone() *time.Location {
	if n.Timezone == "" {
		return time.Local
	}
	zone, err := time.LoadLocation(n.Timezone)
	if err != nil {
		return time.Local
	}
	return zone
}

// silence is how long a connection may bring no message before it counts as lost. A node sends a heartbeat every 5 s.
const silence = 12 * time.Second

// errRefused is for refusals that another try would not change.
var errRefused = errors.New("the display is refused")

// Run keeps a connection until ctx ends, which returns nil, or the node refuses it, which returns an error that wraps errRefused.
func (v *Viewer) Run(ctx context.Context) error {
	again := newBackoff()
	everJoined := false
	for {
		joined, err := v.connect(ctx)
		everJoined = everJoined || joined
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errRefused) {
			return err
		}
		if joined {
			again.Reset()
		}
		wait := again.NextBackOff()
		if websocket.IsCloseError(err, 4029) { // too many displays, or messages
			wait = rand.N(30 * time.Second) //nolint:gosec // jitter
		}
		reason := lossReason(err)
		if !everJoined && errors.Is(err, syscall.ECONNREFUSED) {
			reason += ": is kitchen serve running there, and is --url right?"
		}
		v.OnLost(wait, reason)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// newBackoff gives the pauses between attempts: random, below a bound that doubles with each failure from 0.5 to 10 s, so that
// displays that lost their node together do not all come back at the same moment.
func newBackoff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: 250 * time.Millisecond, Multiplier: 2, MaxInterval: 5 * time.Second, RandomizationFactor: 1}
}

// connect runs one connection from its handshake to its end. It reports whether a queue has arrived on it.
func (v *Viewer) connect(ctx context.Context) (joined bool, err error) {
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	conn, response, err := dialer.DialContext(ctx, v.Address, http.Header{"Authorization": {"Bearer " + v.Token}})
	if err != nil {
		return false, explainRefusal(response, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() {
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""),
			time.Now().Add(time.Second))
		_ = conn.Close()
	})()
	v.use(conn)
	defer v.use(nil)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		_, text, err := conn.ReadMessage()
		at := time.Now()
		if err != nil {
			return joined, explainClose(err)
		}
		m := Message{At: at}
		if err := json.Unmarshal(text, &m); err != nil {
			return joined, fmt.Errorf("the server sent no valid message: %w", err)
		}
		joined = joined || m.Type == "initial_queue"
		v.OnMessage(m)
	}
}

func (v *Viewer) use(conn *websocket.Conn) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.conn = conn
}

// send writes a message to the node. Only the node's answer shows that it arrived.
func (v *Viewer) send(m any) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.conn == nil {
		return errNotConnected
	}
	_ = v.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if err := v.conn.WriteJSON(m); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func explainRefusal(response *http.Response, err error) error {
	if response == nil {
		return err
	}
	switch response.StatusCode {
	case http.StatusForbidden, http.StatusNotFound, http.StatusUpgradeRequired, http.StatusOK:
		return fmt.Errorf("%w: the server answers %s; is this a kitchen node, and the restaurant's id right (kitchen restaurant list)?", errRefused, response.Status)
	}
	return fmt.Errorf("the server answers %s", response.Status)
}

func explainClose(err error) error {
	switch {
	case websocket.IsCloseError(err, 4001):
		return fmt.Errorf("%w: its token is missing, wrong or expired, or the user is gone (4001); make another with kitchen token", errRefused)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("nothing was received for %s", silence)
	case websocket.IsCloseError(err, 4003):
		return fmt.Errorf("%w: its user belongs to another restaurant (4003)", errRefused)
	}
	return err
}

// lossReason is, in a few words, why a connection was lost.
func lossReason(err error) string {
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		return text.Clean(err.Error())
	}
	reasons := map[int]string{
		1012: "the node is stopping", 1013: "the node cannot serve now", 4008: "too slow",
		4029: "too many displays or messages", 1006: "connection lost",
	}
	reason := reasons[closed.Code]
	if reason == "" {
		reason = text.Clean(closed.Text)
	}
	return fmt.Sprintf("%s (%d)", reason, closed.Code)
}
