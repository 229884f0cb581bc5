package order_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kitchen/db/order"
)

// anyOrder is an order with anything in it that the schema allows, and some things that it does not.
func anyOrder(t *rapid.T) *order.Order {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,20}`), rapid.SampledFrom([]string{"", "Zoë", "<b>&", "a\u2028b", "\xff\xfe", "\x00\x7f", `"\`}))
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-62135596800e6, 253402300799e6).Draw(t, "microseconds")).UTC()
	})
	ref := rapid.Custom(func(t *rapid.T) order.Ref {
		return order.Ref{ID: rapid.Ptr(text, true).Draw(t, "id"), Name: text.Draw(t, "name")}
	})
	quantity := rapid.Map(rapid.Int64Range(-1e12, 1e12), func(n int64) order.Quantity { return order.Quantity(n) })
	modifier := rapid.Custom(func(t *rapid.T) order.Modifier {
		return order.Modifier{ID: text.Draw(t, "id"), Option: ref.Draw(t, "option"), Quantity: quantity.Draw(t, "quantity"),
			Kind: rapid.Ptr(text, true).Draw(t, "kind")}
	})
	item := rapid.Custom(func(t *rapid.T) order.Item {
		return order.Item{ID: text.Draw(t, "id"), MenuItem: ref.Draw(t, "menu item"), Quantity: quantity.Draw(t, "quantity"),
			Course: rapid.Ptr(rapid.Int32(), true).Draw(t, "course"), Held: rapid.Bool().Draw(t, "held"),
			Stations: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order.LineState {
				return order.LineState{Station: rapid.Ptr(rapid.String(), true).Draw(t, "station"), Status: order.Status(rapid.String().Draw(t, "state")), Changed: rapid.Bool().Draw(t, "changed"),
					Reason: text.Draw(t, "reason")}
			}), 0, 3).Draw(t, "stations"),
			Notes: text.Draw(t, "notes"), Modifiers: rapid.SliceOf(modifier).Draw(t, "modifiers")}
	})
	o := &order.Order{
		ID: order.OrderID(text.Draw(t, "id")), RestaurantID: order.RestaurantID(text.Draw(t, "restaurant")), Number: rapid.Int64().Draw(t, "number"),
		Type: text.Draw(t, "type"), Status: order.Status(text.Draw(t, "status")), Priority: rapid.Int64().Draw(t, "priority"),
		CustomerName: text.Draw(t, "customer"), Notes: text.Draw(t, "notes"), AllergyNote: text.Draw(t, "allergy"),
		PromisedAt: rapid.Ptr(at, true).Draw(t, "promised"), Recalled: rapid.Bool().Draw(t, "recalled"), Version: rapid.Int64().Draw(t, "version"),
		CreatedAt: at.Draw(t, "created"), UpdatedAt: at.Draw(t, "updated"), Items: rapid.SliceOf(item).Draw(t, "items"),
	}
	if rapid.Bool().Draw(t, "at a table") {
		o.Table = &order.Table{ID: text.Draw(t, "table"), Label: text.Draw(t, "label")}
	}
	if rapid.Bool().Draw(t, "by somebody") {
		o.CreatedBy = &order.CreatedBy{ID: order.UserID(text.Draw(t, "user")), Name: text.Draw(t, "who")}
	}
	return o
}

func TestDocumentIsWhatEncodingJSONMakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := anyOrder(t)
		want, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.AppendJSON(nil); string(got) != string(want) {
			t.Fatalf("appended\n%s\nencoded\n%s", got, want)
		}
	})
	// A field that is added to an order would be empty above, in both.
	fields := 0
	for _, kind := range []any{order.Order{}, order.Table{}, order.CreatedBy{}, order.Item{}, order.Modifier{}, order.Ref{}, order.LineState{}} {
		fields += reflect.TypeOf(kind).NumField()
	}
	if fields != 18+2+2+9+5+2+4 {
		t.Errorf("the types of an order have %d fields: give the new one a value in anyOrder, and count it here", fields)
	}
}

func BenchmarkDocument(b *testing.B) {
	id := "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	item := order.Item{ID: id, MenuItem: order.Ref{ID: &id, Name: "Margherita"}, Quantity: 1000,
		Modifiers: []order.Modifier{{ID: id, Option: order.Ref{ID: &id, Name: "extra cheese"}, Quantity: 1000}}}
	o := &order.Order{ID: order.OrderID(id), RestaurantID: order.RestaurantID(id), Type: "dine_in", Status: order.Pending, Table: &order.Table{ID: id, Label: "T1"},
		CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC(), Items: []order.Item{item, item, item}}
	b.Run("appended", func(b *testing.B) {
		var doc []byte
		for b.Loop() {
			doc = o.AppendJSON(doc[:0])
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(o); err != nil {
				b.Fatal(err)
			}
		}
	})
}
