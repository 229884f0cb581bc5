package ws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"kitchen/db/order"
)

// Codes of an error message.
const (
	invalidMessage = "invalid_message"
	unknownType    = "unknown_type"
	invalidStatus  = "invalid_status"
	orderNotFound  = "order_not_found"
	notAllowed     = "not_allowed"
	conflict       = "conflict"
	forbidden      = "forbidden"
	rateLimited    = "rate_limited"
	unavailable    = "unavailable"
	badToken       = "bad_token"
)

// problem is the error that answers a request. The message is written for the person at the display.
type problem struct {
	code, message string
	now           *order.StatusResult // the order's current state, in a conflict; else nil
}

type errorMessage struct {
	Type      string          `json:"type"`
	Code      string          `json:"code"`
	Message   string          `json:"message"`
	RequestID json.RawMessage `json:"request_id,omitempty"`
	OrderID   order.OrderID   `json:"order_id,omitempty"`
	Status    order.Status    `json:"status,omitempty"`
	Version   *int64          `json:"version,omitempty"`
}

func (p *problem) answer(r request) errorMessage {
	m := errorMessage{Type: "error", Code: p.code, Message: p.message, RequestID: r.id, OrderID: r.order}
	if p.now != nil {
		m.Status, m.Version = p.now.Status, &p.now.Version
	}
	return m
}

type ackMessage struct {
	Type      string          `json:"type"`
	RequestID json.RawMessage `json:"request_id"`
	OrderID   order.OrderID   `json:"order_id"`
	Status    order.Status    `json:"status"`
	Version   int64           `json:"version"`
}

type authenticatedMessage struct {
	Type      string          `json:"type"`
	RequestID json.RawMessage `json:"request_id,omitempty"`
	ExpiresAt time.Time       `json:"expires_at"`
}

// answer queues a message for this display only.
func (d *display) answer(message any) error {
	var doc bytes.Buffer
	encoder := json.NewEncoder(&doc)
	encoder.SetEscapeHTML(false) // a request_id comes back as it was given
	if err := encoder.Encode(message); err != nil {
		return fmt.Errorf("encode %T: %w", message, err)
	}
	if d.pushAnswer(frame(opText, bytes.TrimSuffix(doc.Bytes(), []byte("\n")))) {
		d.flush()
	}
	return nil
}

// answerRecent queues a recall list. Displays that asked at the same time share the encoded orders.
func (d *display) answerRecent(r request, orders []byte) {
	doc := append(make([]byte, 0, 64+len(r.id)+len(orders)), `{"type":"recent_orders"`...)
	if r.id != nil {
		doc = append(append(doc, `,"request_id":`...), r.id...)
	}
	doc = append(append(doc, `,"orders":`...), orders...)
	if d.pushAnswer(frame(opText, append(doc, '}'))) {
		d.flush()
	}
}
