package attach_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
)

// A payload says the version that kitchen.order_versions has. Transactions that overlap may say the same one, and within eight changes
// payloads say the true one again, whatever was recorded in between by other ways.
func TestPayloadsSayTheVersion(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	said := func() (version string) {
		t.Helper()
		n, err := h.ear.WaitForNotification(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var payload struct{ Version int }
		if err := json.Unmarshal([]byte(n.Payload), &payload); err != nil {
			t.Fatalf("%s: %v", n.Payload, err)
		}
		return strconv.Itoa(payload.Version)
	}
	const truth = `select version::text from kitchen.order_versions where order_id = 1`
	for i, sql := range []string{
		`update orders_order set notes = 'a' where id = 1`,
		`update orders_orderitem set notes = 'b' where id = 1`,
		`insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values (8, 1, 8, '', 1, 1), (9, 1, 8, '', 1, 1)`, // recorded by touch_orders
		`update orders_order set status = 'ready' where id = 1`,
		`delete from orders_orderitemmodifier where id = 1`,
		`begin isolation level serializable; update orders_order set notes = 'c' where id = 1; commit`,
		`update orders_order set notes = 'd' where id = 1`,
	} {
		h.exec(sql)
		if got, want := said(), h.one(truth); got != want && !(i == 5 && got == "0") { // a SERIALIZABLE transaction does not look
			t.Errorf("%s: the payload says %s, and it is version %s", sql, got, want)
		}
	}

	other := h.connect()
	for _, sql := range []string{`begin; update orders_orderitem set quantity = 5 where id = 8`, `commit`} {
		if _, err := other.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if sql != "commit" {
			h.exec(`update orders_orderitem set quantity = 5 where id = 9`)
		}
	}
	if one, two := said(), said(); one != two || one != "8" || h.one(truth) != "9" {
		t.Errorf("transactions that overlapped say %s and %s, and the version is %s", one, two, h.one(truth))
	}
	var right []bool
	for i := range 9 {
		h.exec(`update orders_order set notes = '` + strconv.Itoa(i) + `' where id = 1`)
		right = append(right, said() == h.one(truth))
	}
	if at := slices.Index(right, true); at < 0 || at > 7 || slices.Contains(right[at:], false) {
		t.Errorf("payloads after them say the version: %v", right)
	}
}
