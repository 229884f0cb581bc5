package migrations_test

import (
	"encoding/json"
	"strings"
	"testing"
)

type hint struct {
	Type    string
	OrderID string `json:"order_id"`
	Version int
}

// The id of an order that is gone may be given again. The notification of the new order has a higher version than any that the old one had.
func TestANewOrderHasAHigherVersionThanTheOneWhoseIdItGot(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]string{
		"deleted":                         `delete from orders where id = $ID`,
		"deleted in the same transaction": `begin; delete from orders where id = $ID; insert into orders (id, restaurant_id) values ($ID, $A); commit`,
		"given another id":                `update orders set id = gen_random_uuid() where id = $ID`,
		"deleted with its restaurant":     `update orders set restaurant_id = $B where id = $ID; delete from restaurants where id = $B`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			id := h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
			fill := strings.NewReplacer("$ID", "'"+id+"'", "$A", "'"+h.a+"'", "$B", "'"+h.b+"'")
			for _, sql := range []string{`update orders set notes = 'soon' where id = $ID`, `update orders set status = 'preparing' where id = $ID`, gone,
				`insert into orders (id, restaurant_id) values ($ID, $A) on conflict do nothing`} {
				if err := h.do(fill.Replace(sql)); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			var hints []hint // of this order
			for _, text := range h.payloads() {
				var n hint
				if err := json.Unmarshal([]byte(text), &n); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				if n.OrderID == id {
					hints = append(hints, n)
				}
			}
			last := hints[len(hints)-1]
			if last.Type != "order_created" || last.Version != 5 {
				t.Errorf("the new order was announced as %s of version %d, the fifth change of this id", last.Type, last.Version)
			}
			for _, before := range hints[:len(hints)-1] {
				if before.Version >= last.Version {
					t.Errorf("%s before it had version %d", before.Type, before.Version)
				}
			}
		})
	}
}
