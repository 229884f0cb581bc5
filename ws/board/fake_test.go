package board_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"kitchen/ws/board"
	"kitchen/ws/board/boardtest"
)

// kitchen is a fake server that speaks the protocol. Tests say what it does.
type kitchen struct {
	*httptest.Server
	wire *wire

	mu        sync.Mutex
	name      string
	lead      time.Duration // how long before it is due work at an order begins
	by        string        // the writer of every event
	timezone  string
	orders    []*order // all, also those that left
	displays  map[*display]bool
	stations  []station
	readyWhen string         // stations where nothing else is said
	elsewhere map[string]int // screens on other nodes, by station; "" shows everything
	tokens    map[string]bool
	live      bool
	ahead     time.Duration // the server's clock against this machine's
	beat      time.Duration
	deny      map[string]string           // order id → error code
	closes    bool                        // it closes for a wrong new token, as nodes of old do
	closed    bool                        // it lets no display in
	omitted   int                         // orders that the queue leaves out
	files     map[string]http.HandlerFunc // answers in place of files of the board
	refusal   string                      // the close reason for tokens that do not do
	silent    bool                        // updates are taken, not answered
	asked     []map[string]any            // every message of every display, but what they have seen
	seen      map[string][]string         // what they have seen, by order: "painted 1"
	changed   chan struct{}               // closed, and made anew, when a display came, went or said something
}

func newKitchen(t testing.TB) *kitchen {
	t.Helper()
	k := &kitchen{
		name: "Da Gino", timezone: "Europe/Rome", lead: time.Hour, displays: map[*display]bool{}, tokens: map[string]bool{token: true}, live: true,
		beat: 5 * time.Second, deny: map[string]string{}, seen: map[string][]string{}, changed: make(chan struct{}),
		refusal: "bad_token: get a new one",
	}
	mux := http.NewServeMux()
	pages := board.Handler(board.UUIDs)
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

// token never expires, for the restaurant of all these tests.
const token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJl"

// address opens the board.
func (k *kitchen) address() string { return k.URL + "/kitchen/" + restaurant + "#token=" + token }

func (k *kitchen) now() time.Time { return time.Now().Add(k.ahead).UTC() }

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
			"name": k.name, "timezone": k.timezone, "warn_after_s": 300, "late_after_s": 600, "recall_window_s": 3600, "start_before_s": int(k.lead.Seconds()),
			"ready_when": cmp.Or(k.readyWhen, "stations"),
			"stations":   append([]station{}, k.stations...),
		},
	}
}

func (k *kitchen) heartbeat() map[string]any {
	return map[string]any{"type": "heartbeat", "server_time": k.now(), "live": k.live, "omitted": k.omitted}
}

func (k *kitchen) send(m map[string]any) {
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

func (k *kitchen) setLive(live bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.live = live
	k.send(k.heartbeat())
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

// wake has those look again who wait for something. The caller holds mu.
func (k *kitchen) wake() {
	close(k.changed)
	k.changed = make(chan struct{})
}

// await waits until known is true, which is called after each message of a display, and returns false after the wait limit.
func (k *kitchen) await(known func() bool) bool {
	late := time.NewTimer(boardtest.WaitLimit)
	defer late.Stop()
	for {
		k.mu.Lock()
		ok, changed := known(), k.changed
		k.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-late.C:
			return false
		}
	}
}

func (k *kitchen) until(t testing.TB, what string, known func() bool) {
	t.Helper()
	if !k.await(known) {
		t.Fatalf("waited in vain until %s", what)
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
