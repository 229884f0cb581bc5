package attach_test

import (
	"strings"
	"testing"
)

// Another program's order may say any time that the server has. One restaurant's must not stop the check for all the others.
func TestOddTimesOfOneOrderStopNoCheck(t *testing.T) {
	t.Parallel()
	for what, columns := range map[string]string{
		"created":  `null::timestamptz as promised_at, o.created_at`,
		"promised": `o.created_at as promised_at, now() as created_at`,
	} {
		h := fixture(t, "django")
		h.up(parse(t, "django.sql", strings.Replace(mappingText(t, "django"), `null::timestamptz as promised_at, o.created_at`, columns, 1)))
		for _, odd := range []string{"infinity", "-infinity", "4713-01-01 00:00:00+00 BC", "294276-12-31 23:00:00+00"} {
			h.exec(`update orders_order set status = 'confirmed', created_at = '` + odd + `' where id = 1; delete from kitchen.order_changes;
				delete from kitchen.unseen_check`)
			var said string
			if err := h.conn.QueryRow(t.Context(), `select coalesce(array_to_string(kitchen.check_unseen('n', '1 second'), ' '), 'not mine')`).Scan(&said); err != nil || said != "" {
				t.Errorf("%s at %s: %s, %v", what, odd, said, err)
			}
		}
	}
}
