package order_test

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

func TestKeysOfAnyTypeAreReadAsText(t *testing.T) {
	t.Parallel()
	const canonical = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for in, want := range map[string]string{
		canonical: canonical, strings.ToUpper(canonical): strings.ToUpper(canonical), "42": "42", "9223372036854775807": "9223372036854775807",
		"ord_01HZX": "ord_01HZX", "-1": "-1", strings.Repeat("k", 40): strings.Repeat("k", 40),
		"": "", strings.Repeat("k", 41): "", "a b": "", "é": "", "a\"b": "", "' or true": "", "{" + canonical + "}": "",
	} {
		if got, ok := order.Key(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
}
