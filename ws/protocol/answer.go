package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"kitchen/db/order"
)

// Ack answers a request that moved an order.
func Ack(r Request, is order.StatusResult) any {
	return struct {
		Type      string          `json:"type"`
		RequestID json.RawMessage `json:"request_id"`
		OrderID   order.OrderID   `json:"order_id"`
		Status    order.Status    `json:"status"`
		Version   int64           `json:"version"`
	}{"ack", r.ID, r.Order, is.Status, is.Version}
}

// Authenticated answers a token that was accepted, or a device token, which does not expire: the zero time.
func Authenticated(r Request, expires time.Time) any {
	return struct {
		Type      string          `json:"type"`
		RequestID json.RawMessage `json:"request_id,omitempty"`
		ExpiresAt time.Time       `json:"expires_at,omitzero"`
	}{"authenticated", r.ID, expires}
}

// Encode is the document of an answer. It does not fail, because an answer holds strings, numbers, and JSON that was read.
func Encode(answer any) []byte {
	var doc bytes.Buffer
	encoder := json.NewEncoder(&doc)
	encoder.SetEscapeHTML(false) // a request_id comes back as it was given
	_ = encoder.Encode(answer)
	return bytes.TrimSuffix(doc.Bytes(), []byte("\n"))
}

// RecentOrders is the document that answers list_recent. orders is a JSON array, which many answers share.
func RecentOrders(r Request, orders []byte) []byte {
	doc := append(make([]byte, 0, 64+len(r.ID)+len(orders)), `{"type":"recent_orders"`...)
	if r.ID != nil {
		doc = append(append(doc, `,"request_id":`...), r.ID...)
	}
	doc = append(append(doc, `,"orders":`...), orders...)
	return append(doc, '}')
}

// serverTime is RFC 3339 with milliseconds. Times are in UTC.
const serverTime = "2006-01-02T15:04:05.000Z07:00"

// Heartbeat is the document with the server's time, whether the feed is live, and how many orders the queue leaves out, if any.
func Heartbeat(now time.Time, live bool, omitted int) []byte {
	doc := append(make([]byte, 0, 96), `{"type":"heartbeat","server_time":"`...)
	doc = now.UTC().AppendFormat(doc, serverTime)
	doc = append(doc, `","live":`...)
	doc = strconv.AppendBool(doc, live)
	if omitted > 0 {
		doc = strconv.AppendInt(append(doc, `,"omitted":`...), int64(omitted), 10)
	}
	return append(doc, '}')
}
