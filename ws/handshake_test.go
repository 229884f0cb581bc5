package ws

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

func TestHandshakeRefusalsByHTTP(t *testing.T) {
	t.Parallel()
	k := open(t)
	upgrade := "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	there := "/ws/kitchen/" + string(bistro)
	for _, c := range []struct {
		name, method, path, header string
		status                     int
		with                       string // a header of the answer
	}{
		{"no uuid", "GET", "/ws/kitchen/42/", upgrade, 404, ""},
		{"a uuid in braces", "GET", "/ws/kitchen/%7B" + string(bistro) + "%7D/", upgrade, 404, ""},
		{"a uuid without hyphens", "GET", "/ws/kitchen/" + strings.ReplaceAll(string(bistro), "-", ""), upgrade, 404, ""},
		{"below a restaurant", "GET", there + "/orders", upgrade, 404, ""},
		{"a page load", "GET", there, "", 426, "Upgrade"},
		{"an old version", "GET", there, strings.Replace(upgrade, "13", "8", 1), 426, "Sec-Websocket-Version"},
		{"a post", "POST", there, upgrade, 405, "Allow"},
		{"a foreign page", "GET", there, upgrade + "Origin: https://evil.example\r\n", 403, ""},
		{"a bad key", "GET", there, strings.Replace(upgrade, "AAAA==", "==", 1), 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header := k.raw(t, c.method, c.path, c.header)
			if status != c.status {
				t.Fatalf("status %d, want %d", status, c.status)
			}
			if c.with != "" && header.Get(c.with) == "" {
				t.Errorf("no %s header in %v", c.with, header)
			}
		})
	}
	if n := k.server.Displays(); n != 0 {
		t.Errorf("%d places are taken after refusals", n)
	}
}

// raw sends a request byte by byte as it is given, and returns the answer's head.
func (k *kitchen) raw(t *testing.T, method, path, header string) (int, http.Header) {
	t.Helper()
	conn, err := net.Dial("tcp", k.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(waitLimit))
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: kitchen.test\r\n%s\r\n", method, path, header); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode, response.Header
}

func TestBothAddressesOfARestaurantServe(t *testing.T) {
	t.Parallel()
	k := open(t)
	token := k.token(cook)
	for _, path := range []string{string(bistro), string(bistro) + "/", strings.ToUpper(string(bistro)) + "/"} {
		address := "ws" + strings.TrimPrefix(k.http.URL, "http") + "/ws/kitchen/" + path + "?token=" + token
		conn, _, err := websocket.DefaultDialer.Dial(address, nil)
		if err != nil {
			t.Fatal(path, err)
		}
		defer conn.Close()
		(&client{t: t, conn: conn}).want("initial_queue")
	}
}

func TestTokenTravelsInThreeWays(t *testing.T) {
	t.Parallel()
	k := open(t)
	good, other := k.token(cook), k.token(cook)
	for _, c := range []struct {
		name      string
		query     string
		bearer    string
		protocols []string
		code      int // 0: let in
		protocol  string
	}{
		{name: "in the query", query: "?token=" + good},
		{name: "as a bearer", bearer: "Bearer " + good},
		{name: "as a bearer in lower case", bearer: "bearer " + good},
		{name: "as a subprotocol", protocols: []string{"kitchen.v1", "bearer." + good}, protocol: "kitchen.v1"},
		{name: "in all three", query: "?token=" + good, bearer: "Bearer " + good,
			protocols: []string{"bearer." + good, "kitchen.v1"}, protocol: "kitchen.v1"},
		{name: "beside a proxy's own password", query: "?token=" + good, bearer: "Basic YTpi"},
		{name: "nowhere", code: 4001},
		{name: "empty", query: "?token=", code: 4001},
		{name: "two in the query", query: "?token=" + good + "&token=" + other, code: 4001},
		{name: "two ways, two tokens", query: "?token=" + good, bearer: "Bearer " + other, code: 4001},
		{name: "a good one and a bad one", query: "?token=x", bearer: "Bearer " + good, code: 4001},
		{name: "over 4 KiB", bearer: "Bearer " + good + strings.Repeat("A", 4096), code: 4001},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{}
			if c.bearer != "" {
				header.Set("Authorization", c.bearer)
			}
			dialer := websocket.Dialer{Subprotocols: c.protocols}
			conn, _, err := dialer.Dial(k.url(bistro)+c.query, header)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			d := &client{t: t, conn: conn}
			if c.code != 0 {
				if before := d.wantClose(c.code); len(before) != 0 {
					t.Errorf("messages before the refusal: %+v", before)
				}
				return
			}
			d.want("initial_queue")
			if conn.Subprotocol() != c.protocol {
				t.Errorf("subprotocol %q, want %q", conn.Subprotocol(), c.protocol)
			}
		})
	}
}

func TestWhoIsRefusedAndHow(t *testing.T) {
	t.Parallel()
	k := open(t)
	foreign := k.dialRefused(bistro, k.token(rival), 4003)
	missing := k.dialRefused(nowhere, k.token(rival), 4003)
	if foreign != missing {
		t.Errorf("the refusals %q and %q tell which restaurant exists", foreign, missing)
	}
	k.dialRefused(bistro, k.token(ghost), 4001)
	k.dialRefused(bistro, "not.a.token", 4001)
	k.dialRefused(bistro, k.tokenUntil(cook, time.Now().Add(-time.Second)), 4001)
	k.dialRefused(bistro, k.token(screen), 4003)
	k.dialRefused(diner, k.token(screen), 4003)
	// Somebody may work in several restaurants, in each as something else.
	k.dialRefused(nowhere, k.token(roamer), 4003)
	there := k.dial(diner, k.token(roamer))
	there.want("initial_queue")
	there.send(moveSoup)
	there.wantError("forbidden")
	here := k.dial(bistro, k.token(roamer))
	here.want("initial_queue")
	here.send(moveSoup)
	here.want("ack")
	there.conn.Close()
	here.conn.Close()
	// Not active here, and active there.
	k.store.set(func(s *fakeStore) { s.more[0].Active = false })
	k.dialRefused(bistro, k.token(roamer), 4001)
	k.dialRefused(nowhere, k.token(roamer), 4003)
	k.store.set(func(s *fakeStore) {
		s.users[roamer] = order.User{ID: roamer, Restaurant: diner, Role: "viewer"}
	})
	for _, restaurant := range []order.RestaurantID{bistro, diner, nowhere} {
		k.dialRefused(restaurant, k.token(roamer), 4001)
	}
	k.store.set(func(s *fakeStore) {
		s.user = func(context.Context, order.UserID) (order.User, error) { return order.User{}, errAway }
	})
	k.dialRefused(bistro, k.token(cook), 1013)
	eventually(t, "all places are free again", func() bool { return k.server.Displays() == 0 })
}

// dialRefused returns the reason.
func (k *kitchen) dialRefused(restaurant order.RestaurantID, token string, code int) string {
	k.t.Helper()
	c := k.dial(restaurant, token)
	m, err := c.read()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code {
		k.t.Fatalf("got %+v and %v, want a close with %d", m, err, code)
	}
	return closed.Text
}

func TestUserLookUpIsBounded(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Store = 20 * time.Millisecond })
	k.store.set(func(s *fakeStore) {
		s.user = func(ctx context.Context, _ order.UserID) (order.User, error) {
			<-ctx.Done()
			return order.User{}, ctx.Err()
		}
	})
	k.dialRefused(bistro, k.token(cook), 1013)
}

func TestRefusedSocketsAreBounded(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.Refusals = 1; r.Times.Close = time.Hour })
	// Neither reads, so neither answers the close frame. The first holds the only place there is for that.
	first := k.dial(bistro, "bad")
	eventually(t, "the first waits for its close handshake", func() bool { return k.server.refusals.Load() == 1 })
	second := k.dial(bistro, "bad")
	second.wantClose(4001) // which reached it nevertheless
	eventually(t, "the second was cut, the first waits, and neither holds a display's place", func() bool {
		return k.server.refusals.Load() == 1 && k.server.Displays() == 0
	})
	first.wantClose(4001)
	eventually(t, "the first is gone too", func() bool { return k.server.refusals.Load() == 0 })
}

func TestFloodOfRefusalsDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	k := open(t)
	began := time.Now()
	for range 200 {
		k.dialRefused(bistro, "bad", 4001)
	}
	eventually(t, "all are gone", func() bool { return k.server.refusals.Load() == 0 })
	if n := strings.Count(k.logs.String(), `"level":"INFO"`); n < 50 || n > 55+int(5*time.Since(began).Seconds()) {
		t.Errorf("200 refusals make %d lines", n)
	}
}

func TestPeerThatSaysNothingHoldsNothing(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Close = 20 * time.Millisecond })
	c := k.dial(bistro, "bad") // and never reads, so its side of the close handshake is missing
	eventually(t, "the server gave up", func() bool { return k.server.Displays() == 0 })
	if _, err := io.Copy(io.Discard, c.conn.NetConn()); err != nil {
		t.Errorf("the connection did not end in order: %v", err)
	}
}
