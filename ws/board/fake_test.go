package board_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/ws/board"
)

type ref struct {
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

type modifier struct {
	ID       string  `json:"id"`
	Option   ref     `json:"modifier_option"`
	Quantity float64 `json:"quantity"`
	Kind     *string `json:"kind"`
}

type item struct {
	ID        string     `json:"id"`
	MenuItem  ref        `json:"menu_item"`
	Quantity  float64    `json:"quantity"`
	Notes     string     `json:"notes"`
	Modifiers []modifier `json:"modifiers"`
}

type named struct {
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
	Name  string `json:"name,omitempty"`
}

// order is an order as displays receive it.
type order struct {
	ID           string     `json:"id"`
	RestaurantID string     `json:"restaurant_id"`
	Number       int        `json:"order_number"`
	Type         string     `json:"order_type"`
	Status       string     `json:"status"`
	Priority     int        `json:"priority"`
	Table        *named     `json:"table"`
	CreatedBy    *named     `json:"created_by"`
	CustomerName string     `json:"customer_name"`
	Notes        string     `json:"notes"`
	AllergyNote  string     `json:"allergy_note"`
	PromisedAt   *time.Time `json:"promised_at"`
	Recalled     bool       `json:"recalled"`
	Version      int        `json:"version"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	Items        []item     `json:"items"`
}

func (o order) open() bool {
	return o.Status == "pending" || o.Status == "preparing" || o.Status == "ready"
}

// line makes a line of a ticket; each modifier is one portion of it.
func line(quantity float64, name string, modifiers ...string) item {
	it := item{ID: newID(), MenuItem: ref{Name: name}, Quantity: quantity, Modifiers: []modifier{}}
	for _, m := range modifiers {
		it.Modifiers = append(it.Modifiers, modifier{ID: newID(), Option: ref{Name: m}, Quantity: 1})
	}
	return it
}

// kind makes a modifier of which the data says what it does.
func kind(kind, name string) modifier {
	return modifier{ID: newID(), Option: ref{Name: name}, Quantity: 1, Kind: &kind}
}

var newID = func() func() string { // ids in the order of their making
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	}
}()

// kitchen is a server that speaks the protocol and does what a test tells it to.
type kitchen struct {
	*httptest.Server
	wire *wire

	mu       sync.Mutex
	name     string
	by       string // the writer of every event
	timezone string
	orders   []*order // all, also those that left
	displays map[*display]bool
	tokens   map[string]bool
	live     bool
	ahead    time.Duration // the server's clock against this machine's
	beat     time.Duration
	deny     map[string]string           // order id → error code
	closes   bool                        // it closes for a wrong new token, as nodes of old do
	closed   bool                        // it lets no display in
	omitted  int                         // orders that the queue leaves out
	files    map[string]http.HandlerFunc // answers in place of files of the board
	refusal  string                      // the close reason for tokens that do not do
	silent   bool                        // updates are taken, not answered
	asked    []map[string]any            // every message of every display
}

type display struct {
	mu    sync.Mutex
	conn  *websocket.Conn
	token string
}

func (d *display) say(m any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.conn.WriteJSON(m)
}

func newKitchen(t testing.TB) *kitchen {
	t.Helper()
	k := &kitchen{
		name: "Da Gino", timezone: "Europe/Rome", displays: map[*display]bool{}, tokens: map[string]bool{token: true}, live: true,
		beat: 5 * time.Second, deny: map[string]string{},
		refusal: "bad_token: get a new one",
	}
	mux := http.NewServeMux()
	pages := board.Handler("uuid")
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		h, broken := k.files[path.Base(r.URL.Path)]
		k.mu.Unlock()
		if !broken {
			h = pages.ServeHTTP
		}
		h(w, r)
	})
	var sockets sync.WaitGroup
	mux.HandleFunc("GET /ws/kitchen/{id}/", func(w http.ResponseWriter, r *http.Request) {
		sockets.Add(1)
		defer sockets.Done()
		k.serve(w, r)
	})
	k.Server = httptest.NewUnstartedServer(mux)
	k.wire = &wire{Listener: k.Server.Listener, conns: map[*tapped]bool{}}
	k.Server.Listener = k.wire
	k.Start()
	t.Cleanup(func() {
		k.wire.set(normal)
		k.wire.cut()
		k.Close()
		sockets.Wait()
	})
	return k
}

// token is a pass that never ends, for the restaurant of all these tests.
const token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJl"

// address opens the board.
func (k *kitchen) address() string { return k.URL + "/kitchen/" + restaurant + "#token=" + token }

func (k *kitchen) now() time.Time { return time.Now().Add(k.ahead).UTC() }

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
		k.heard(d, m)
	}
	close(stop)
	beats.Wait()
	k.mu.Lock()
	delete(k.displays, d)
	k.mu.Unlock()
}

func (k *kitchen) snapshot() map[string]any {
	queue := []*order{}
	for _, o := range k.orders {
		if o.open() {
			queue = append(queue, o)
		}
	}
	slices.SortStableFunc(queue, func(a, b *order) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return map[string]any{
		"type": "initial_queue", "restaurant_id": restaurant, "server_time": k.now(), "live": k.live, "orders": queue, "omitted": k.omitted,
		"restaurant": map[string]any{
			"name": k.name, "timezone": k.timezone, "warn_after_s": 300, "late_after_s": 600, "recall_window_s": 3600,
		},
	}
}

func (k *kitchen) heartbeat() map[string]any {
	return map[string]any{"type": "heartbeat", "server_time": k.now(), "live": k.live, "omitted": k.omitted}
}

func (k *kitchen) heard(d *display, m map[string]any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, m)
	switch m["type"] {
	case "update_status":
		k.update(d, m)
	case "list_recent":
		recent := []*order{}
		for _, o := range k.orders {
			if !o.open() && o.Status != "deleted" {
				recent = append([]*order{o}, recent...)
			}
		}
		answer := map[string]any{"type": "recent_orders", "orders": recent}
		if id, ok := m["request_id"]; ok {
			answer["request_id"] = id
		}
		d.say(answer)
	case "authenticate":
		token, _ := m["token"].(string)
		if !k.tokens[token] && k.closes {
			go d.close(4001, k.refusal)
			return
		}
		if !k.tokens[token] {
			d.say(map[string]any{"type": "error", "code": "bad_token", "message": "the token is not valid: get a new one"})
			return
		}
		d.token = token
		d.say(map[string]any{"type": "authenticated", "expires_at": k.now().Add(time.Hour)})
	}
}

func (k *kitchen) update(d *display, m map[string]any) {
	id, _ := m["order_id"].(string)
	status, _ := m["status"].(string)
	i := slices.IndexFunc(k.orders, func(o *order) bool { return o.ID == id && o.Status != "deleted" })
	refuse := func(code string) {
		answer := map[string]any{"type": "error", "code": code, "message": code, "request_id": m["request_id"], "order_id": id}
		if code == "conflict" {
			answer["status"], answer["version"] = k.orders[i].Status, k.orders[i].Version
		}
		d.say(answer)
	}
	version, given := m["version"].(float64)
	switch {
	case k.silent:
	case i < 0:
		refuse("order_not_found")
	case k.deny[id] != "":
		refuse(k.deny[id])
	case k.orders[i].Status == status:
		d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": id, "status": status, "version": k.orders[i].Version})
	case given && int(version) != k.orders[i].Version:
		refuse("conflict")
	default:
		k.setStatus(k.orders[i], status)
		d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": id, "status": status, "version": k.orders[i].Version})
	}
}

// setStatus changes and announces, like the real one: what comes back comes as an update, recalled.
func (k *kitchen) setStatus(o *order, status string) {
	was := o.open()
	o.Status, o.Version, o.UpdatedAt = status, o.Version+1, k.now()
	if !was && o.open() {
		o.Recalled = true
		k.tell(map[string]any{"type": "order_updated", "order": o})
		return
	}
	k.tell(map[string]any{"type": "order_status_changed", "order_id": o.ID, "status": status, "version": o.Version, "updated_at": o.UpdatedAt})
}

func (k *kitchen) tell(m map[string]any) {
	if k.by != "" && m["type"] != "heartbeat" {
		m["by"] = k.by
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	for d := range k.displays {
		d.say(json.RawMessage(raw))
	}
}

// add puts an order into the kitchen and announces it.
func (k *kitchen) add(o order) *order {
	k.mu.Lock()
	defer k.mu.Unlock()
	if o.ID == "" {
		o.ID = newID()
	}
	if o.Number == 0 {
		o.Number = len(k.orders) + 1
	}
	if o.Type == "" {
		o.Type = "dine_in"
	}
	if o.Status == "" {
		o.Status = "pending"
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = k.now()
	}
	o.RestaurantID, o.Version, o.UpdatedAt = restaurant, 1, o.CreatedAt
	if o.Items == nil {
		o.Items = []item{line(1, "Margherita")}
	}
	k.orders = append(k.orders, &o)
	k.tell(map[string]any{"type": "order_created", "order": &o})
	return &o
}

// change changes an order and announces it as a whole.
func (k *kitchen) change(o *order, f func(*order)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f(o)
	o.Version++
	o.UpdatedAt = k.now()
	k.tell(map[string]any{"type": "order_updated", "order": o})
}

// set sets a status as another writer would.
func (k *kitchen) set(o *order, status string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.setStatus(o, status)
}

func (k *kitchen) remove(o *order) {
	k.mu.Lock()
	defer k.mu.Unlock()
	o.Status = "deleted"
	k.tell(map[string]any{"type": "order_deleted", "order_id": o.ID})
}

func (k *kitchen) setLive(live bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.live = live
	k.tell(k.heartbeat())
}

func (k *kitchen) do(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f()
}

func (k *kitchen) status(o *order) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return o.Status
}

// until waits until the kitchen knows something.
func (k *kitchen) until(t testing.TB, what string, known func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		k.mu.Lock()
		ok := known()
		k.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// dropAll closes all sockets with a code.
func (k *kitchen) dropAll(code int) { k.dropFor(code, "") }

// dropFor closes all sockets with a code and a reason.
func (k *kitchen) dropFor(code int, reason string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for d := range k.displays {
		go d.close(code, reason)
	}
}

// end makes a token one that the server refuses, for a reason, and closes its sockets with it.
func (k *kitchen) end(token, reason string) {
	k.do(func() {
		delete(k.tokens, token)
		k.refusal = reason
	})
	k.dropFor(4001, reason)
}

func (d *display) close(code int, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}

// wire is the way to the server: it can refuse everybody, and be cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	mode  wireMode
	conns map[*tapped]bool
}

type wireMode int

const (
	normal wireMode = iota
	refuse          // nobody gets through
)

func (l *wire) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		if l.mode == refuse {
			l.mu.Unlock()
			conn.Close()
			continue
		}
		c := &tapped{Conn: conn, wire: l}
		l.conns[c] = true
		l.mu.Unlock()
		return c, nil
	}
}

// set changes the mode for connections to come.
func (l *wire) set(mode wireMode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
}

// cut ends all connections at once, as a killed server does.
func (l *wire) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.Conn.Close()
	}
}

type tapped struct {
	net.Conn
	wire *wire
}

func (c *tapped) Close() error {
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}
