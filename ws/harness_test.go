package ws

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"kitchen/db/order"
	"kitchen/ws/credential"
	"kitchen/ws/tcp"
)

func TestMain(m *testing.M) {
	if os.Getenv(idleServerSwitch) != "" {
		idleServer()
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	bistro  order.RestaurantID = "11111111-1111-4111-8111-111111111111"
	diner   order.RestaurantID = "22222222-2222-4222-8222-222222222222"
	nowhere order.RestaurantID = "33333333-3333-4333-8333-333333333333"

	cook   order.UserID = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
	viewer order.UserID = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
	rival  order.UserID = "cccccccc-cccc-4ccc-8ccc-cccccccccccc" // of the diner
	screen order.UserID = "ffffffff-ffff-4fff-8fff-ffffffffffff" // of the bistro: it shows numbers to guests, and nothing else
	roamer order.UserID = "42"                                   // works in both restaurants
	ghost  order.UserID = "dddddddd-dddd-4ddd-8ddd-dddddddddddd" // unknown

	soup order.OrderID = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
)

// patience is how long a test waits for what should come at once.
const patience = 20 * time.Second

// recipe is what a test changes about its server before that starts.
type recipe struct {
	Config
	feed        *fakeFeed
	store       *fakeStore
	secure      bool // over TLS
	connections int  // that the listener takes
}

// kitchen is a server under test, with the feed and the store behind it.
type kitchen struct {
	t      testing.TB
	server *Server
	feed   *fakeFeed
	store  *fakeStore
	http   *httptest.Server
	listen *tcp.Listener
	logs   *logRecorder
	tokens []string
}

// testSecret signs the tokens of these tests.
const testSecret = "0123456789abcdefghijklmnopqrstuv"

var errAway = errors.New("the database is away")

func open(t testing.TB, changes ...func(*recipe)) *kitchen {
	t.Helper()
	k := &kitchen{t: t, feed: newFakeFeed(), store: newFakeStore(), logs: &logRecorder{}}
	keys, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(testSecret)})
	if err != nil {
		t.Fatal(err)
	}
	r := &recipe{feed: k.feed, store: k.store, connections: 10_000, Config: Config{
		Feed: k.feed, Store: k.store, Keys: keys,
		Log: slog.New(slog.NewJSONHandler(k.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}}
	for _, change := range changes {
		change(r)
	}
	if k.server, err = NewServer(r.Config); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ws/kitchen/{restaurant_id}", k.server)
	mux.Handle("/ws/kitchen/{restaurant_id}/{$}", k.server)
	k.http = httptest.NewUnstartedServer(mux)
	k.http.Config.ErrorLog = log.New(k.logs, "", 0)
	k.listen = tcp.NewListener(k.http.Listener, r.connections, r.Log)
	k.http.Listener = k.listen
	if r.secure {
		k.http.StartTLS()
	} else {
		k.http.Start()
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := k.server.Drain(ctx, 0); err != nil && !strings.Contains(err.Error(), "already") {
			t.Error(err)
		}
		k.http.Close()
		k.feed.close()
		// Whatever a test was about: no token is ever logged, nor the part of it that makes it valid.
		for _, token := range k.tokens {
			if signature := token[strings.LastIndexByte(token, '.')+1:]; strings.Contains(k.logs.String(), signature) {
				t.Error("a token was logged")
			}
		}
		if found := regexp.MustCompile(`eyJ[\w-]{10,}\.[\w-]{10,}`).FindString(k.logs.String()); found != "" {
			t.Errorf("something like a token was logged: %s", found)
		}
		k.feed.check(t)
	})
	return k
}

func (k *kitchen) token(user order.UserID) string {
	return k.tokenUntil(user, time.Now().Add(time.Hour))
}

func (k *kitchen) tokenUntil(user order.UserID, expires time.Time) string {
	k.t.Helper()
	token, err := credential.SignToken([]byte(testSecret), user, expires)
	if err != nil {
		k.t.Fatal(err)
	}
	k.tokens = append(k.tokens, token)
	return token
}

func (k *kitchen) url(restaurant order.RestaurantID) string {
	return "ws" + strings.TrimPrefix(k.http.URL, "http") + "/ws/kitchen/" + string(restaurant) + "/"
}

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
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
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
	late := time.Now().Add(patience) // heartbeats would put it off for ever
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
	_ = c.conn.SetWriteDeadline(time.Now().Add(patience))
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// eventually polls for what nothing signals.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	late := time.After(patience)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !condition() {
		select {
		case <-late:
			t.Fatalf("not in time: %s", what)
		case <-look.C:
		}
	}
}
