package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/local"
)

// The contract, from outside: the program, real sockets, plain SQL.

// frames is a display that keeps every byte it is sent.
type frames struct {
	t          *testing.T
	conn       *websocket.Conn
	restaurant db.RestaurantID
	all        []string
}

type fields = map[string]any

func open(t *testing.T, n *served, h house, token string) *frames {
	t.Helper()
	return &frames{t: t, conn: connect(t, n.socket(h.restaurant), token).Conn, restaurant: h.restaurant}
}

// next returns the next message that is no heartbeat.
func (f *frames) next() fields {
	f.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if m := f.any(); m["type"] != "heartbeat" {
			return m
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("nothing but heartbeats after %d messages", len(f.all))
		}
	}
}

func (f *frames) any() fields {
	f.t.Helper()
	_ = f.conn.SetReadDeadline(time.Now().Add(patience))
	_, text, err := f.conn.ReadMessage()
	if err != nil {
		f.t.Fatalf("after %d messages: %v", len(f.all), err)
	}
	f.all = append(f.all, string(text))
	var m fields
	if err := json.Unmarshal(text, &m); err != nil {
		f.t.Fatalf("%s: %v", text, err)
	}
	checkTold(f.t, text)
	// Whatever a test is about: no display hears of another restaurant.
	for _, found := range regexp.MustCompile(`"restaurant_id":"([^"]*)"`).FindAllSubmatch(text, -1) {
		if string(found[1]) != string(f.restaurant) {
			f.t.Errorf("a display of %s was sent %s", f.restaurant, text)
		}
	}
	return m
}

func (f *frames) send(m fields) {
	f.t.Helper()
	if err := f.conn.WriteJSON(m); err != nil {
		f.t.Fatal(err)
	}
}

// ask sends a message and returns the answer to it; events may come between.
func (f *frames) ask(m fields) fields {
	f.t.Helper()
	f.send(m)
	for {
		switch a := f.next(); a["type"] {
		case "ack", "error", "recent_orders", "authenticated":
			checkAsked(f.t, m, a)
			return a
		}
	}
}

// closed reads until the socket is closed and returns the code.
func (f *frames) closed() int {
	f.t.Helper()
	_ = f.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		_, _, err := f.conn.ReadMessage()
		var c *websocket.CloseError
		if errors.As(err, &c) {
			return c.Code
		}
		if err != nil {
			f.t.Fatalf("not closed properly: %v", err)
		}
	}
}

func execute(t *testing.T, h house, sql string, args ...any) {
	t.Helper()
	if _, err := h.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestDisplayGetsItsQueueThenEveryChange(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	h.order(t, "first")
	h.order(t, "second")
	one, two := open(t, n, h, h.token(t)), open(t, n, h, h.token(t))
	for _, d := range []*frames{one, two} {
		q := d.next()
		r, _ := q["restaurant"].(fields)
		orders, _ := q["orders"].([]any)
		if q["type"] != "initial_queue" || q["restaurant_id"] != string(h.restaurant) || q["live"] != true || q["server_time"] == nil ||
			r["name"] != "House of ana" || r["timezone"] != "UTC" || r["warn_after_s"] != 300.0 || r["late_after_s"] != 600.0 ||
			r["recall_window_s"] != 3600.0 || len(orders) != 2 || orders[0].(fields)["notes"] != "first" {
			t.Errorf("first message: %v", q)
		}
	}
	order := string(h.order(t, "third"))
	both := func(want fields) {
		t.Helper()
		for _, d := range []*frames{one, two} {
			got := d.next()
			for k, v := range want {
				if got[k] != v {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		}
	}
	both(fields{"type": "order_created"})
	execute(t, h, `update orders set status = 'preparing' where id = $1`, order)
	both(fields{"type": "order_status_changed", "order_id": order, "status": "preparing", "version": 2.0})
	execute(t, h, `insert into order_items (order_id, name) values ($1, 'Soup')`, order)
	both(fields{"type": "order_updated"})
	// A display's update reaches the other, and itself; the ack says how it went.
	one.send(fields{"type": "update_status", "order_id": order, "status": "ready", "version": 3, "request_id": "r1"})
	if got := two.next(); got["type"] != "order_status_changed" || got["status"] != "ready" || got["version"] != 4.0 {
		t.Errorf("the other display was told %v", got)
	}
	var kinds []string
	for range 2 {
		m := one.next()
		kinds = append(kinds, m["type"].(string))
		if m["type"] == "ack" && (m["request_id"] != "r1" || m["order_id"] != order || m["status"] != "ready" || m["version"] != 4.0) {
			t.Errorf("ack: %v", m)
		}
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"ack", "order_status_changed"}) {
		t.Errorf("the display that asked was told %v", kinds)
	}
	execute(t, h, `delete from orders where id = $1`, order)
	both(fields{"type": "order_deleted", "order_id": order})
}

func TestDisplayNeverSeesAnotherRestaurant(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	a, b := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	const mark = "CANARY"
	of := func(h house, i int) string { return fmt.Sprintf("%s-%s-%d", mark, h.username, i) }
	displays := map[string]*frames{"ana": open(t, n, a, a.token(t)), "bea": open(t, n, b, b.token(t))}
	for _, d := range displays {
		d.next()
	}
	for i := range 20 {
		for _, h := range []house{a, b} {
			id := h.order(t, of(h, i))
			execute(t, h, `insert into order_items (order_id, name, notes) values ($1, 'x', $2)`, id, of(h, i))
			execute(t, h, `select pg_notify('kitchen_'||$1, json_build_object('order_id', $2::text)::text)`, a.restaurant, id) // forged for one half
		}
	}
	// Neither can touch, or learn about, an order of the other.
	theirs := b.ask(t, `select id::text from orders where notes like '%bea%' limit 1`)
	if e := displays["ana"].ask(fields{"type": "update_status", "order_id": theirs, "status": "ready", "request_id": 1}); e["code"] != "order_not_found" {
		t.Errorf("a foreign order answers %v", e)
	}
	for _, h := range []house{a, b} {
		d := displays[h.username]
		h.order(t, "last")
		for m := d.next(); ; m = d.next() {
			if o, _ := m["order"].(fields); o["notes"] == "last" {
				break
			}
		}
		for _, text := range d.all {
			rest := strings.ReplaceAll(text, mark+"-"+h.username, "")
			if strings.Contains(rest, mark) || h.username == "ana" && strings.Contains(rest, string(b.restaurant)) {
				t.Errorf("%s was sent %s", h.username, text)
			}
		}
		if !strings.Contains(strings.Join(d.all, ""), of(h, 19)) {
			t.Errorf("%s was not sent its own", h.username)
		}
	}
}

func TestOrderThatLeavesAndComesBack(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	id := string(h.order(t, ""))
	d := open(t, n, h, h.token(t))
	d.next()
	if a := d.ask(fields{"type": "list_recent"}); a["type"] != "recent_orders" || len(a["orders"].([]any)) != 0 {
		t.Errorf("nothing left yet: %v", a)
	}
	d.send(fields{"type": "update_status", "order_id": id, "status": "completed"}) // no request_id, no ack
	if m := d.next(); m["type"] != "order_status_changed" || m["status"] != "completed" {
		t.Errorf("completing: %v", m)
	}
	recent := d.ask(fields{"type": "list_recent"})["orders"].([]any)
	if len(recent) != 1 || recent[0].(fields)["id"] != id || recent[0].(fields)["status"] != "completed" {
		t.Errorf("the recall list: %v", recent)
	}
	d.send(fields{"type": "update_status", "order_id": id, "status": "ready"})
	m := d.next()
	if o, _ := m["order"].(fields); m["type"] != "order_updated" || o["recalled"] != true || o["status"] != "ready" {
		t.Errorf("recalling: %v", m)
	}
	execute(t, h, `update orders set status = 'cancelled'`)
	if m := d.next(); m["type"] != "order_status_changed" || m["status"] != "cancelled" {
		t.Errorf("cancelling: %v", m)
	}
}

func TestEachErrorHasItsCode(t *testing.T) {
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
			t.Fatalf("%v", a)
		}
	}
	execute(t, h, `update users set role = 'viewer'`)
	viewer := open(t, n, h, h.token(t))
	viewer.next()
	if a := viewer.ask(fields{"type": "update_status", "order_id": id, "status": "ready"}); a["code"] != "forbidden" {
		t.Errorf("a viewer is answered %v", a)
	}
	execute(t, h, `alter table orders rename to orders_away`)
	if a := d.ask(fields{"type": "list_recent", "request_id": 5}); a["code"] != "unavailable" && a["code"] != "rate_limited" {
		t.Errorf("without a table: %v", a)
	}
	execute(t, h, `alter table orders_away rename to orders`)
}

func TestEachRefusalHasItsCloseCode(t *testing.T) {
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
		"no token":         {"", 4001},
		"junk":             {"junk", 4001},
		"another secret":   {sign(good)[:20] + "x" + sign(good)[21:], 4001},
		"alg none":         {none, 4001},
		"expired":          {with("exp", time.Now().Add(-time.Minute).Unix()), 4001},
		"no exp":           {with("exp", nil), 4001},
		"refresh token":    {with("token_type", "refresh"), 4001},
		"unknown user":     {with("user_id", "00000000-0000-4000-8000-000000000000"), 4001},
		"unreadable user":  {with("user_id", 7), 4001},
		"other restaurant": {other.token(t), 4003},
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
		t.Errorf("the renewed display was told %v", m)
	}
	renewed.send(fields{"type": "authenticate", "token": other.token(t)})
	if got := renewed.closed(); got != 4003 {
		t.Errorf("another restaurant's token: closed with %d", got)
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
	if err := n.stop(); err != nil { // tells whoever is connected to come back
		t.Error(err)
	}
}

func TestConcurrentBumpsOfOneOrderMoveItOnce(t *testing.T) {
	url := dbtest.New(t)
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	displays := []*frames{open(t, one, h, h.token(t)), open(t, two, h, h.token(t))}
	for _, d := range displays {
		d.next()
	}
	for range 15 {
		id := string(h.order(t, ""))
		answers := make([]fields, 2)
		var cooks sync.WaitGroup
		for i, d := range displays {
			cooks.Go(func() {
				answers[i] = d.ask(fields{"type": "update_status", "order_id": id, "status": []string{"preparing", "ready"}[i], "version": 1, "request_id": 1})
			})
		}
		cooks.Wait()
		kinds := []string{answers[0]["type"].(string), answers[1]["type"].(string)}
		if slices.Sort(kinds); !slices.Equal(kinds, []string{"ack", "error"}) {
			t.Errorf("answers: %v", answers)
		}
		if v := h.ask(t, `select version::text from orders where id = $1`, id); v != "2" {
			t.Errorf("version %s", v)
		}
	}
}

func TestTwoNodesShareOneDatabase(t *testing.T) {
	url := dbtest.New(t)
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	id := string(h.order(t, ""))
	a, b := open(t, one, h, h.token(t)), open(t, two, h, h.token(t))
	a.next()
	b.next()
	for i, status := range []string{"preparing", "ready", "completed"} {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		from.send(fields{"type": "update_status", "order_id": id, "status": status})
		for _, d := range []*frames{from, to} {
			if m := d.next(); m["type"] != "order_status_changed" || m["status"] != status {
				t.Errorf("%s: %v", status, m)
			}
		}
	}
}

// fold is a queue as a display keeps it: version and status by order. It fails where an order goes back to an older version.
func fold(t *testing.T, queue map[string]string, m fields) map[string]string {
	t.Helper()
	put := func(o fields) {
		if s := o["status"].(string); db.Status(s).Open() {
			queue[o["id"].(string)] = fmt.Sprint(o["version"], " ", s)
		} else {
			delete(queue, o["id"].(string))
		}
	}
	switch m["type"] {
	case "initial_queue":
		queue = map[string]string{}
		for _, o := range m["orders"].([]any) {
			put(o.(fields))
		}
	case "order_created", "order_updated":
		put(m["order"].(fields))
	case "order_status_changed":
		put(fields{"id": m["order_id"], "status": m["status"], "version": m["version"]})
	case "order_deleted":
		delete(queue, m["order_id"].(string))
	}
	return queue
}

func (h house) queue(t *testing.T) map[string]string {
	t.Helper()
	rows, err := h.pool.Query(t.Context(), `select id::text, version || ' ' || status from orders
		where restaurant_id = $1 and status in ('pending', 'preparing', 'ready')`, string(h.restaurant))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	truth := map[string]string{}
	for rows.Next() {
		var id, is string
		if err := rows.Scan(&id, &is); err != nil {
			t.Fatal(err)
		}
		truth[id] = is
	}
	return truth
}

func TestEveryDisplayEndsEqualToTheDatabaseAfterPostgresFails(t *testing.T) {
	// What was committed survives a crash: else a display may rightly be told to begin anew.
	server := dbtest.Cluster(t, map[string]string{"synchronous_commit": "on"})
	one, two := startServe(t, onDatabase(server.URL())...), startServe(t, onDatabase(server.URL())...)
	h := newHouse(t, server.URL(), "ana")
	var displays []*frames
	for i := range 6 {
		d := open(t, []*served{one, two}[i%2], h, h.token(t))
		d.next()
		displays = append(displays, d)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() { // goes on through the outage: what fails was never written
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, _ = h.pool.Exec(t.Context(), `insert into orders (restaurant_id) values ($1)`, string(h.restaurant))
				_, _ = h.pool.Exec(t.Context(), `update orders set status = case status when 'pending' then 'preparing' else 'completed' end
					where id = (select id from orders where status in ('pending', 'preparing') order by random() limit 1)`)
			}
		})
	}
	for _, mode := range []local.Mode{local.Fast, local.Immediate} {
		execute(t, h, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kitchen-listener'`)
		if err := server.Restart(t.Context(), mode); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writers.Wait()
	h.pool.Reset()
	last := string(h.order(t, "last"))
	truth := h.queue(t)
	for i, d := range displays {
		queue, live, queues, deaf := map[string]string{}, true, 0, false
		for m := range d.history() {
			switch queue = fold(t, queue, m); m["type"] {
			case "initial_queue":
				queues, live = queues+1, m["live"] == true
			case "heartbeat":
				live = m["live"] == true
				deaf = deaf || !live
			}
			if queue[last] != "" && live && maps.Equal(queue, truth) {
				break
			}
		}
		if queues != 1 || !deaf {
			t.Errorf("display %d: %d queues, want one; was told of the outage: %v", i, queues, deaf)
		}
	}
}

// history is every message from the first on, those that are still to come included.
func (f *frames) history() func(func(fields) bool) {
	return func(yield func(fields) bool) {
		for i := 0; ; i++ {
			if i == len(f.all) {
				f.any()
			}
			var m fields
			_ = json.Unmarshal([]byte(f.all[i]), &m)
			if !yield(m) {
				return
			}
		}
	}
}
