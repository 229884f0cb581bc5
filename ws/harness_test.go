package ws

import (
	"context"
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

// waitLimit is how long a test waits for something that should come at once.
const waitLimit = 20 * time.Second

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
	mux.Handle("/ws/pickup/{restaurant_id}/{$}", k.server.Pickup())
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
		ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
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

func (k *kitchen) pickupURL(restaurant order.RestaurantID) string {
	return strings.Replace(k.url(restaurant), "/ws/kitchen/", "/ws/pickup/", 1)
}

// eventually polls for what nothing signals.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	late := time.After(waitLimit)
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
