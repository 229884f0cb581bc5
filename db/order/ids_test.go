package order_test

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

func TestIDsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	const canonical = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for in, want := range map[string]string{
		canonical: canonical, strings.ToUpper(canonical): canonical, "": "", "1": "", "{" + canonical + "}": "",
		strings.ReplaceAll(canonical, "-", ""): "", "urn:uuid:" + canonical: "", canonical + "x": "", canonical[:35] + "g": "",
	} {
		got, err := order.ParseRestaurantID(in)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}
