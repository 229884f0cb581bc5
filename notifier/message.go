package notifier

import (
	"encoding/json"
	"fmt"
	"time"

	"kitchen/db/order"
)

// The messages of the protocol that come from the database. Each is encoded once, and its bytes shared by all displays.

// protocol is the version of the protocol that displays are spoken to in.
const protocol = 1

type orderMessage struct {
	Type  string       `json:"type"`
	Order *order.Order `json:"-"` // appended
	By    string       `json:"-"` // and after it, this
}

type statusMessage struct {
	Type      string        `json:"type"`
	OrderID   order.OrderID `json:"order_id"`
	Status    order.Status  `json:"status"`
	Version   int64         `json:"version"`
	UpdatedAt time.Time     `json:"updated_at"`
	By        string        `json:"by,omitempty"`
}

type deletedMessage struct {
	Type    string        `json:"type"`
	OrderID order.OrderID `json:"order_id"`
	By      string        `json:"by,omitempty"`
}

// alarmMessage is an [order.Alarm] as displays get it. What is `orders` there is `count` here: a client that decodes all messages into one
// struct has `orders` as a list, and would fail on a number.
type alarmMessage struct {
	Type         order.AlarmKind    `json:"type"`
	Restaurant   order.RestaurantID `json:"restaurant_id"`
	Reason       string             `json:"reason"`
	Count        int                `json:"count"` // of the orders
	OldestOrder  order.OrderID      `json:"oldest_order_id"`
	OldestNumber *int64             `json:"oldest_order_number"`
	Age          int64              `json:"age_s"`
}

func messageOf(a alarm) alarmMessage {
	age := a.Age + int64(time.Since(a.since).Seconds())
	return alarmMessage{a.Type, a.Restaurant, a.Reason, a.Orders, a.OldestOrder, a.OldestNumber, age}
}

type queueMessage struct {
	Type         string             `json:"type"`
	Protocol     int                `json:"protocol"`
	RestaurantID order.RestaurantID `json:"restaurant_id"`
	Restaurant   order.Restaurant   `json:"restaurant"`
	ServerTime   time.Time          `json:"server_time"`
	Live         bool               `json:"live"`
	Omitted      int                `json:"omitted,omitempty"`
	Alarms       []alarmMessage     `json:"alarms,omitempty"`
	Orders       []*order.Order     `json:"-"` // appended
}

// orderSize is a guess at the bytes of an order's document, so that most need no second buffer.
const orderSize = 1500

func encode(message any) []byte {
	head, err := json.Marshal(message)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", message, err)) // its types cannot fail
	}
	switch m := message.(type) {
	case *orderMessage:
		doc := append(make([]byte, 0, orderSize), head[:len(head)-1]...)
		doc = m.Order.AppendJSON(append(doc, `,"order":`...))
		if m.By != "" {
			name, _ := json.Marshal(m.By) // a string always can be
			doc = append(append(doc, `,"by":`...), name...)
		}
		return append(doc, '}')
	case *queueMessage:
		doc := append(make([]byte, 0, len(head)+orderSize*len(m.Orders)+16), head[:len(head)-1]...)
		doc = append(doc, `,"orders":[`...)
		for i, o := range m.Orders {
			if i > 0 {
				doc = append(doc, ',')
			}
			doc = o.AppendJSON(doc)
		}
		return append(doc, "]}"...)
	}
	return head
}
