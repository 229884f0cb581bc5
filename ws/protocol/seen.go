package protocol

import (
	"encoding/json"
	"strconv"

	"kitchen/db/order"
)

// maxSeen is how many orders one message may name. A message of more is longer than displays may send.
const maxSeen = 250

// Seen is an order that a display has seen.
type Seen struct {
	Order   order.OrderID
	Version int64
}

// parseSeen reads what only a seen has.
func (r *Request) parseSeen(fields map[string]json.RawMessage, key order.KeyType) *Problem {
	how, _ := text(fields, "how")
	if r.How = order.How(how); !r.How.Known() {
		return &Problem{Code: InvalidMessage, Message: "how has to be painted or touched"}
	}
	var orders []map[string]json.RawMessage // by exact names, which a struct would not be read by
	if json.Unmarshal(given(fields, "orders"), &orders) != nil || len(orders) == 0 || len(orders) > maxSeen {
		return &Problem{Code: InvalidMessage, Message: "orders has to be a list of 1 to 250 objects with order_id and version"}
	}
	r.Seen = make([]Seen, len(orders))
	for i, one := range orders {
		id, _ := text(one, "order_id")
		canonical, err := key.Parse(id)
		if err != nil {
			return &Problem{Code: InvalidMessage, Message: "order_id of each of orders has to be the id of an order"}
		}
		version, err := strconv.ParseInt(string(one["version"]), 10, 64)
		if err != nil || version < 0 {
			return &Problem{Code: InvalidMessage, Message: "version of each of orders has to be the version of the order, as it came"}
		}
		r.Seen[i] = Seen{order.OrderID(canonical), version}
	}
	return nil
}
