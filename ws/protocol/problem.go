package protocol

import (
	"encoding/json"

	"kitchen/db/order"
)

// Codes of an error message.
const (
	InvalidMessage = "invalid_message"
	UnknownType    = "unknown_type"
	InvalidStatus  = "invalid_status"
	OrderNotFound  = "order_not_found"
	NotAllowed     = "not_allowed"
	NotReady       = "not_ready"
	Conflict       = "conflict"
	Forbidden      = "forbidden"
	RateLimited    = "rate_limited"
	Unavailable    = "unavailable"
	BadToken       = "bad_token"
)

// Problem is what is wrong with a request.
type Problem struct {
	Code    string
	Message string              // for the person at the display
	Now     *order.StatusResult // the order's current state, in a conflict; else nil
	Waiting []order.Waiting     // who still cooks, where the order is not ready
}

// Answer is the error message that answers a request.
func (p *Problem) Answer(r Request) any {
	m := errorMessage{Type: "error", Code: p.Code, Message: p.Message, RequestID: r.ID, OrderID: r.Order, Waiting: p.Waiting}
	if p.Now != nil {
		m.Status, m.Version = p.Now.Status, &p.Now.Version
	}
	return m
}

type errorMessage struct {
	Type      string          `json:"type"`
	Code      string          `json:"code"`
	Message   string          `json:"message"`
	RequestID json.RawMessage `json:"request_id,omitempty"`
	OrderID   order.OrderID   `json:"order_id,omitempty"`
	Status    order.Status    `json:"status,omitempty"`
	Version   *int64          `json:"version,omitempty"`
	Waiting   []order.Waiting `json:"waiting,omitempty"`
}
