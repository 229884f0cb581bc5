package attach_test

import "testing"

func TestDjangoTemplateOnItsTables(t *testing.T) {
	h := fixture(t, "django")
	h.up(mapping(t, "django"))
	h.exec(`update orders_order set status = 'ready' where id = 1`)
	h.expect("status", "1 order_updated 1")
	t.Log(h.one(`select string_agg(v::text, ' ') from kitchen.order_versions v`), h.one(`select coalesce(string_agg(v::text, ' '), '') from kitchen.trigger_errors v`))
}
