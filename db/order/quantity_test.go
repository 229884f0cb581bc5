package order_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"kitchen/db/order"
)

func TestQuantitiesKeepThreeDecimals(t *testing.T) {
	t.Parallel()
	for thousandths, want := range map[order.Quantity]string{
		0: "0", 1: "0.001", 10: "0.01", 100: "0.1", 1000: "1", 1500: "1.5", 2250: "2.25", 999999999: "999999.999", -1500: "-1.5",
	} {
		if got := thousandths.String(); got != want {
			t.Errorf("%d is %s, want %s", int64(thousandths), got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := order.Quantity(rapid.Int64Range(-1e12, 1e12).Draw(t, "thousandths"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got order.Quantity
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s: %v, %v", text, got, err)
		}
	})
	for text, want := range map[string]order.Quantity{
		"0": 0, "2": 2000, "1.5": 1500, "1.500000": 1500, "0.25": 250, "-0.25": -250, "12.3456": 12346, "0.0005": 1, "-0.0005": -1, "0.00049999": 0, "1.9996": 2000,
	} {
		if got, err := order.ParseQuantity(text); err != nil || got != want {
			t.Errorf("%s is read as %d, %v, want %d", text, int64(got), err, int64(want))
		}
	}
	for _, text := range []string{"", "NaN", "Infinity", "-Infinity", "1e3", "1.x", "9999999999999999999", "1000000000000.001", "--1", "1.-5"} {
		if got, err := order.ParseQuantity(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	for _, text := range []string{`"2"`, `null1`, `1e300`, `{}`} {
		var got order.Quantity
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is taken for %v", text, got)
		}
	}
}
