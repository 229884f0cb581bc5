package order_test

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

func TestIDsOfEachKeyTypeHaveOneSpelling(t *testing.T) {
	t.Parallel()
	const uuid = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for _, c := range []struct {
		key      order.KeyType
		in, want string // want is empty where it is refused
	}{
		{order.UUID, strings.ToUpper(uuid), uuid}, {"", uuid, uuid}, {order.UUID, "7", ""}, {order.UUID, "{" + uuid + "}", ""},
		{order.UUID, "", ""}, {order.UUID, strings.ReplaceAll(uuid, "-", ""), ""}, {order.UUID, "urn:uuid:" + uuid, ""}, {order.UUID, uuid + "x", ""},
		{order.UUID, uuid[:35] + "g", ""},
		{order.BigInt, "7", "7"}, {order.BigInt, "-7", "-7"}, {order.BigInt, "007", ""}, {order.BigInt, "+7", ""}, {order.BigInt, "-0", ""},
		{order.BigInt, " 7", ""}, {order.BigInt, "7.0", ""}, {order.BigInt, "1_000", ""}, {order.BigInt, "", ""}, {order.BigInt, uuid, ""},
		{order.BigInt, "9223372036854775807", "9223372036854775807"}, {order.BigInt, "9223372036854775808", ""},
		{order.Integer, "2147483647", "2147483647"}, {order.Integer, "2147483648", ""}, {order.SmallInt, "32768", ""},
		{order.Text, "R_7-a", "R_7-a"}, {order.Text, "", ""}, {order.Text, "a b", ""}, {order.Text, "é", ""}, {order.Text, "a\"b", ""},
		{order.Text, strings.Repeat("a", 40), strings.Repeat("a", 40)}, {order.Text, strings.Repeat("a", 41), ""},
	} {
		got, err := c.key.Parse(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %q: %q, %v; want %q", c.key, c.in, got, err, c.want)
		}
	}
}
