package notifier_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"kitchen/db/order"
)

// waitLimit is how long a test waits for what must come. What must come soon is asserted on its own.
const waitLimit = 20 * time.Second

// screen is a subscriber that folds messages as a display does, and checks what no display may ever see.
type screen struct {
	t          *testing.T
	restaurant string

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew at every message
	log      []string      // message types, and live or deaf, in order
	docs     [][]byte
	queue    map[string]shown // nil before the first snapshot
	versions map[string]int64
	live     bool
	omitted  int
	refused  int
	screens  string // the last message of them
}

type shown struct {
	Version int64
	Status  string
	Doc     string // the order, with its version, status and updated_at taken out
}

func newScreen(t *testing.T, restaurant string) *screen {
	return &screen{t: t, restaurant: restaurant, changed: make(chan struct{}), versions: map[string]int64{}}
}

func (s *screen) Deliver(m order.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := len(s.log) == 0; first != (m.Kind == order.State) && first {
		s.t.Errorf("the first message is of kind %d", m.Kind)
	}
	s.omitted = m.Omitted
	switch m.Kind {
	case order.Snapshot:
		if s.queue == nil {
			s.fold(m.Document)
		}
	case order.Replacement, order.Event:
		s.fold(m.Document)
	case order.Unavailable:
		s.refused++
		s.note("unavailable")
	case order.ScreensMessage:
		if string(m.Document) == s.screens {
			s.t.Errorf("sent twice: %s", m.Document)
		}
		s.screens = string(m.Document)
		close(s.changed)
		s.changed = make(chan struct{})
		return
	case order.State:
	}
	if m.Kind == order.State || m.Live != s.live {
		s.live = m.Live
		s.note(map[bool]string{true: "live", false: "deaf"}[m.Live])
	}
}

func (s *screen) note(what string) {
	s.log = append(s.log, what)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *screen) fold(doc []byte) {
	var m struct {
		Type         string           `json:"type"`
		Protocol     int              `json:"protocol"`
		Omitted      int              `json:"omitted"`
		RestaurantID string           `json:"restaurant_id"`
		Orders       []map[string]any `json:"orders"`
		Order        map[string]any   `json:"order"`
		OrderID      string           `json:"order_id"`
		Status       string           `json:"status"`
		Version      int64            `json:"version"`
	}
	if err := json.Unmarshal(doc, &m); err != nil {
		s.t.Errorf("not JSON: %v: %s", err, doc)
		return
	}
	s.docs = append(s.docs, doc)
	defer s.note(m.Type)
	if m.Type == "initial_queue" {
		if m.RestaurantID != s.restaurant {
			s.t.Errorf("the queue of %s was sent to %s", m.RestaurantID, s.restaurant)
		}
		if m.Protocol != 1 || m.Omitted != s.omitted {
			s.t.Errorf("an initial_queue of protocol %d that omits %d, not %d", m.Protocol, m.Omitted, s.omitted)
		}
		s.queue, s.versions = map[string]shown{}, map[string]int64{}
		for _, o := range m.Orders {
			s.put(o)
		}
		return
	}
	if s.queue == nil {
		return // a display has nothing before its snapshot
	}
	switch m.Type {
	case "order_created", "order_updated":
		s.put(m.Order)
	case "order_status_changed":
		o, known := s.queue[m.OrderID]
		if !known {
			s.t.Errorf("status of an order that is not shown: %s", doc)
		}
		s.newer(m.OrderID, m.Version)
		o.Status, o.Version = m.Status, m.Version
		s.queue[m.OrderID] = o
		if !order.Status(m.Status).Open() {
			delete(s.queue, m.OrderID)
		}
	case "order_deleted":
		delete(s.queue, m.OrderID)
	case "alarm", "alarm_over":
	default:
		s.t.Errorf("unknown message: %s", doc)
	}
}

func (s *screen) put(o map[string]any) {
	id := o["id"].(string)
	if o["restaurant_id"] != s.restaurant {
		s.t.Errorf("an order of %s was sent to %s", o["restaurant_id"], s.restaurant)
	}
	version, status := int64(o["version"].(float64)), o["status"].(string)
	s.newer(id, version)
	if order.Status(status).Open() {
		s.queue[id] = toShown(o)
	} else {
		delete(s.queue, id)
	}
}

func toShown(o map[string]any) shown {
	o = maps.Clone(o)
	shown := shown{Version: int64(o["version"].(float64)), Status: o["status"].(string)}
	for _, k := range []string{"version", "status", "updated_at"} {
		delete(o, k)
	}
	doc, _ := json.Marshal(o)
	shown.Doc = string(doc)
	return shown
}

func (s *screen) newer(id string, version int64) {
	if before, known := s.versions[id]; known && version <= before {
		s.t.Errorf("order %s went from version %d to %d", id, s.versions[id], version)
	}
	s.versions[id] = version
}

// until waits until the screen is as wanted.
func (s *screen) until(what string, as func() bool) {
	s.t.Helper()
	deadline := time.After(waitLimit)
	for {
		s.mu.Lock()
		ok, changed := as(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("waited in vain for %s; sent: %v; shown: %v", what, s.log, s.queue)
		}
	}
}

// next returns the type and text of the first message after the n-th.
func (s *screen) next(n int) (kind, doc string) {
	s.t.Helper()
	s.until(fmt.Sprintf("message %d", n), func() bool { return len(s.docs) > n })
	s.mu.Lock()
	defer s.mu.Unlock()
	var m struct{ Type string }
	_ = json.Unmarshal(s.docs[n], &m)
	return m.Type, string(s.docs[n])
}

func (s *screen) count() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.docs) }

// queues is how many initial_queues were sent.
func (s *screen) queues() (n int) {
	for _, what := range s.said() {
		if what == "initial_queue" {
			n++
		}
	}
	return n
}

func (s *screen) said() []string { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.log) }
