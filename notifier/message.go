package notifier

import (
	"encoding/json"
	"fmt"
	"time"

	"kitchen/db"
)

// The messages of the protocol that come from the database. Each is encoded once, and its bytes shared by all displays.

type orderMessage struct {
	Type  string    `json:"type"`
	Order *db.Order `json:"order"`
	By    string    `json:"by,omitempty"`
}

type statusMessage struct {
	Type    string     `json:"type"`
	OrderID db.OrderID `json:"order_id"`
	Status  db.Status  `json:"status"`
	Version int64      `json:"version"`
	By      string     `json:"by,omitempty"`
}

type deletedMessage struct {
	Type    string     `json:"type"`
	OrderID db.OrderID `json:"order_id"`
	By      string     `json:"by,omitempty"`
}

type queueMessage struct {
	Type         string          `json:"type"`
	RestaurantID db.RestaurantID `json:"restaurant_id"`
	Restaurant   db.Restaurant   `json:"restaurant"`
	ServerTime   time.Time       `json:"server_time"`
	Live         bool            `json:"live"`
	Orders       []*db.Order     `json:"orders"`
}

// OrderDocument encodes an order as displays receive it.
func OrderDocument(o *db.Order) (json.RawMessage, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode order %s: %w", o.ID, err)
	}
	return doc, nil
}

func encode(message any) []byte {
	doc, err := json.Marshal(message)
	if err != nil {
		// Only a time outside the years 0 to 9999 cannot be encoded, and the schema refuses those.
		panic(fmt.Sprintf("encode %T: %v", message, err))
	}
	return doc
}
