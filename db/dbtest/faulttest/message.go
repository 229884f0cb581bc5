package faulttest

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// message is a parsed document of the feed. A document is parsed once for all displays of a tenant, because a test has hundreds of
// them in one process.
type message struct {
	Type    string
	Live    bool
	OrderID string
	Status  string
	Version int64

	orders []sent
	wrong  []string // what no display of this tenant may receive
}

// sent is an order as it was sent.
type sent struct {
	id string
	Shown
}

// openedBytes limits the parsed documents that are kept for a tenant: its displays receive the same ones at about the same time.
const openedBytes = 1 << 20

// open parses a document, or returns the message that was parsed before.
func (t *Tenant) open(doc []byte) *message {
	t.mu.Lock()
	m, known := t.opened[string(doc)]
	t.mu.Unlock()
	if known {
		return m
	}
	m = t.read(doc)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.openedSize += len(doc); t.opened == nil || t.openedSize > openedBytes {
		t.opened, t.openedSize = map[string]*message{}, len(doc)
	}
	t.opened[string(doc)] = m
	return m
}

func (t *Tenant) read(doc []byte) *message {
	var d struct {
		Type         string            `json:"type"`
		RestaurantID string            `json:"restaurant_id"`
		Live         bool              `json:"live"`
		Orders       []json.RawMessage `json:"orders"`
		Order        json.RawMessage   `json:"order"`
		OrderID      string            `json:"order_id"`
		Status       string            `json:"status"`
		Version      int64             `json:"version"`
	}
	m := &message{}
	wrong := func(format string, args ...any) { m.wrong = append(m.wrong, fmt.Sprintf(format, args...)) }
	if t.foreign(doc) {
		wrong("was sent a text of another tenant")
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		wrong("not JSON: %v", err)
		return m
	}
	m.Type, m.Live, m.OrderID, m.Status, m.Version = d.Type, d.Live, d.OrderID, d.Status, d.Version
	if d.Type == "initial_queue" && d.RestaurantID != string(t.ID) {
		wrong("was sent the queue of %s", d.RestaurantID)
	}
	orders := d.Orders
	if d.Type == "order_created" || d.Type == "order_updated" {
		orders = []json.RawMessage{d.Order}
	} else if d.Type != "initial_queue" {
		orders = nil // those of recent_orders are not shown
	}
	for _, doc := range orders {
		id, restaurant, o, err := toShown(doc)
		if err != nil {
			wrong("an order that cannot be read: %v", err)
			continue
		}
		if restaurant != string(t.ID) {
			wrong("was sent an order of %s", restaurant)
		}
		m.orders = append(m.orders, sent{id, o})
	}
	return m
}

// isSnapshot reports whether a document is an initial_queue, without reading all of it.
func isSnapshot(doc []byte) bool {
	return bytes.Contains(doc[:min(len(doc), 40)], []byte(`"initial_queue"`))
}

// foreign reports whether a document has another tenant's canary anywhere in it.
func (t *Tenant) foreign(doc []byte) bool {
	for rest := doc; ; {
		i := bytes.Index(rest, []byte(canaryPrefix))
		if i < 0 {
			return false
		}
		rest = rest[i:]
		if !bytes.HasPrefix(rest, []byte(t.Canary)) {
			return true
		}
		rest = rest[len(canaryPrefix):]
	}
}

// toShown reads an order as displays receive it.
func toShown(doc []byte) (id, restaurant string, o Shown, err error) {
	var fields map[string]json.RawMessage
	if err = json.Unmarshal(doc, &fields); err != nil {
		return
	}
	for name, into := range map[string]any{"id": &id, "restaurant_id": &restaurant, "version": &o.Version, "status": &o.Status} {
		if err = json.Unmarshal(fields[name], into); err != nil {
			return
		}
	}
	for _, name := range []string{"version", "status", "updated_at"} {
		delete(fields, name)
	}
	rest, err := json.Marshal(fields) // with sorted keys
	o.Doc = string(rest)
	return id, restaurant, o, err
}
