package main

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

func TestEachErrorHasItsCode(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	id := string(h.order(t, ""))
	d := open(t, n, h, h.token(t))
	d.next()
	const nobody = "00000000-0000-4000-8000-000000000000"
	for _, c := range []struct {
		send fields
		code string
	}{
		{fields{"type": "dance"}, "unknown_type"},
		{fields{"typ": "update_status"}, "invalid_message"},
		{fields{"type": "update_status", "order_id": id}, "invalid_message"},
		{fields{"type": "update_status", "order_id": 7, "status": "ready"}, "invalid_message"},
		{fields{"type": "update_status", "order_id": id, "status": "ready", "version": "2"}, "invalid_message"},
		{fields{"type": "update_status", "order_id": id, "status": "burnt"}, "invalid_status"},
		{fields{"type": "update_status", "order_id": id, "status": "cancelled"}, "not_allowed"},
		{fields{"type": "update_status", "order_id": nobody, "status": "ready"}, "order_not_found"},
		{fields{"type": "update_status", "order_id": id, "status": "ready", "version": 9}, "conflict"},
	} {
		c.send["request_id"] = c.code
		a := d.ask(c.send)
		if a["type"] != "error" || a["code"] != c.code || a["request_id"] != c.code || a["message"] == "" {
			t.Errorf("%v answers %v", c.send, a)
		}
		if c.code == "conflict" && (a["status"] != "pending" || a["version"] != 1.0 || a["order_id"] != id) {
			t.Errorf("a conflict says how it is: %v", a)
		}
	}
	if err := d.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":`)); err != nil {
		t.Fatal(err)
	}
	if a := d.next(); a["code"] != "invalid_message" {
		t.Errorf("half a message answers %v", a)
	}
	// Too much at once is refused, message by message; the socket stays.
	for range 400 {
		if a := d.ask(fields{"type": "dance"}); a["code"] == "rate_limited" {
			break
		} else if a["code"] != "unknown_type" {
			t.Fatalf("an unknown type is answered %v", a)
		}
	}
	execute(t, h, `update users set role = 'viewer'`)
	viewer := open(t, n, h, h.token(t))
	viewer.next()
	if a := viewer.ask(fields{"type": "update_status", "order_id": id, "status": "ready"}); a["code"] != "forbidden" {
		t.Errorf("a viewer is answered %v", a)
	}
	execute(t, h, `alter view kitchen.order_rows rename to rows_away`)
	if a := d.ask(fields{"type": "list_recent", "request_id": 5}); a["code"] != "unavailable" && a["code"] != "rate_limited" {
		t.Errorf("without a table: %v", a)
	}
	execute(t, h, `alter view kitchen.rows_away rename to order_rows`)
}

func TestEachRefusalHasItsCloseCode(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	sign := func(claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(testSecret))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := jwt.MapClaims{"user_id": string(h.user), "exp": time.Now().Add(time.Hour).Unix(), "token_type": "access", "jti": "x"}
	with := func(name string, value any) string {
		c := maps.Clone(good)
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return sign(c)
	}
	none, _ := jwt.NewWithClaims(jwt.SigningMethodNone, good).SignedString(jwt.UnsafeAllowNoneSignatureType)
	for name, c := range map[string]struct {
		token string
		code  int
	}{
		"no token":           {"", 4001},
		"junk":               {"junk", 4001},
		"another secret":     {sign(good)[:20] + "x" + sign(good)[21:], 4001},
		"alg none":           {none, 4001},
		"expired":            {with("exp", time.Now().Add(-time.Minute).Unix()), 4001},
		"no exp":             {with("exp", nil), 4001},
		"refresh token":      {with("token_type", "refresh"), 4001},
		"unknown user":       {with("user_id", "00000000-0000-4000-8000-000000000000"), 4001},
		"a number of a user": {with("user_id", 7), 4001},
		"unreadable user":    {with("user_id", true), 4001},
		"other restaurant":   {other.token(t), 4003},
	} {
		if got := open(t, n, h, c.token).closed(); got != c.code {
			t.Errorf("%s: closed with %d, want %d", name, got, c.code)
		}
	}
	execute(t, h, `update users set is_active = false where username = 'ana'`)
	if got := open(t, n, h, sign(good)).closed(); got != 4001 {
		t.Errorf("inactive user: closed with %d", got)
	}
	execute(t, h, `update users set is_active = true`)

	// The three ways to carry a token.
	for name, dial := range map[string]func() (*websocket.Conn, *http.Response, error){
		"header": func() (*websocket.Conn, *http.Response, error) {
			return websocket.DefaultDialer.Dial(n.socket(h.restaurant), http.Header{"Authorization": {"Bearer " + sign(good)}})
		},
		"subprotocol": func() (*websocket.Conn, *http.Response, error) {
			dialer := websocket.Dialer{Subprotocols: []string{"kitchen.v1", "bearer." + sign(good)}}
			return dialer.Dial(strings.TrimSuffix(n.socket(h.restaurant), "/"), nil)
		},
	} {
		conn, _, err := dial()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f := &frames{t: t, conn: conn, restaurant: h.restaurant}
		if m := f.next(); m["type"] != "initial_queue" {
			t.Errorf("%s: %v", name, m)
		}
		if want := map[string]string{"subprotocol": "kitchen.v1"}[name]; conn.Subprotocol() != want {
			t.Errorf("%s: the server answered the subprotocol %q", name, conn.Subprotocol())
		}
		_ = conn.Close()
	}

	// A token that runs out closes the socket, unless it is renewed.
	short := func() string { return with("exp", time.Now().Add(2*time.Second).Unix()) }
	runsOut, renewed := open(t, n, h, short()), open(t, n, h, short())
	runsOut.next()
	renewed.next()
	if a := renewed.ask(fields{"type": "authenticate", "token": sign(good)}); a["type"] != "authenticated" || a["expires_at"] == nil {
		t.Errorf("renewal: %v", a)
	}
	if got := runsOut.closed(); got != 4001 {
		t.Errorf("at expiry: closed with %d", got)
	}
	h.order(t, "still there")
	if m := renewed.next(); m["type"] != "order_created" {
		t.Errorf("the renewed display received %v", m)
	}
	// What does not do is an error, and the token from before goes on.
	for name, token := range map[string]string{"another restaurant's": other.token(t), "a bad one": "junk"} {
		if a := renewed.ask(fields{"type": "authenticate", "token": token, "request_id": name}); a["code"] != "bad_token" || a["request_id"] != name {
			t.Errorf("%s: %v", name, a)
		}
	}
	if a := renewed.ask(fields{"type": "list_recent", "request_id": 1}); a["type"] != "recent_orders" || a["request_id"] != 1.0 {
		t.Errorf("after a bad token: %v", a)
	}

	big := open(t, n, h, sign(good))
	big.next()
	big.send(fields{"type": strings.Repeat("x", 17<<10)})
	if got := big.closed(); got != 1009 {
		t.Errorf("a message of 17 KiB: closed with %d", got)
	}
	flood := open(t, n, h, sign(good))
	flood.next()
	go func() {
		for range 5000 {
			if flood.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"dance"}`)) != nil {
				return
			}
		}
	}()
	if got := flood.closed(); got != 4029 {
		t.Errorf("a flood: closed with %d", got)
	}

	for path, want := range map[string]int{
		"/ws/kitchen/" + string(h.restaurant) + "/": http.StatusUpgradeRequired,
		"/ws/kitchen/" + string(h.restaurant):       http.StatusUpgradeRequired,
		"/ws/kitchen/7/":                            http.StatusNotFound,
		"/ws/kitchen/":                              http.StatusNotFound,
	} {
		if got, body := n.get(t, path); got != want {
			t.Errorf("%s: %d %s, want %d", path, got, body, want)
		}
	}
	for origin, want := range map[string]int{"https://evil.example": 403, "null": 403, n.url: 101} {
		conn, response, _ := websocket.DefaultDialer.Dial(n.socket(h.restaurant), http.Header{"Origin": {origin}})
		if response.StatusCode != want {
			t.Errorf("Origin %s: %d, want %d", origin, response.StatusCode, want)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
	if err := n.stop(); err != nil { // closes displays with a code that says to come back
		t.Error(err)
	}
}
