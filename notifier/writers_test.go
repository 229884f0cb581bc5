package notifier_test

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/notifier"
)

// Each event says who made it, as the writer's session was named when it wrote; and where nobody can know, nobody.
func TestEventsSayWhoWrote(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	k := start(t, url, notifier.Config{})
	r := k.restaurant()
	s, _ := k.watch(r)
	conn := dbtest.Conn(t, url)
	for _, step := range []struct{ name, sql, kind, want string }{
		{"till-3", `insert into orders (restaurant_id) values ('` + r + `')`, "order_created", `"by":"till-3"}`},
		{`the "best" \ till`, `update orders set status = 'ready'`, "order_status_changed", `Z","by":"the \"best\" \\ till"}`},
		{"", `update orders set notes = 'x'`, "order_updated", `"items":[]}}`},
		{strings.Repeat("y", 60), `insert into order_items (order_id, name) select id, 'Soup' from orders`, "order_updated", `"by":"` + strings.Repeat("y", 40) + `"}`},
		{"psql", `delete from orders`, "order_deleted", `"by":"psql"}`},
	} {
		n := s.count()
		if _, err := conn.Exec(t.Context(), `select set_config('application_name', $1, false)`, step.name); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), step.sql); err != nil {
			t.Fatal(err)
		}
		if kind, doc := s.next(n); kind != step.kind || !strings.HasSuffix(doc, step.want) {
			t.Errorf("%q: %s %s, want …%s", step.name, kind, doc, step.want)
		}
	}

	// A queue that was read says nothing of who wrote; what came before it neither.
	n := s.count()
	k.exec(`set kitchen.notify = off; insert into orders (restaurant_id) values ('` + r + `'); reset kitchen.notify; select pg_notify('kitchen_` + r + `', '{"type":"queue_changed","by":"somebody"}')`)
	if kind, doc := s.next(n); kind != "order_created" || strings.Contains(doc, `"by"`) {
		t.Errorf("%s %s", kind, doc)
	}
	// A forged word is shown as what can be shown of it, or not at all, and changes nothing else.
	n = s.count()
	k.exec(`set kitchen.notify = off; update orders set notes = 'x'; reset kitchen.notify;
		select pg_notify('kitchen_` + r + `', '{"type":"order_updated","order_id":"' || id || '","version":' || version || ',"by":"' || e'\x1b[2J<b>' || repeat('é', 3000) || '"}') from orders join kitchen.order_versions on order_id = id`)
	if kind, doc := s.next(n); kind != "order_updated" || !strings.HasSuffix(doc, `,"by":"`+"\ufffd"+`[2J\u003cb\u003e`+strings.Repeat("é", 33)+`"}`) {
		t.Errorf("%s %s", kind, doc)
	}
}
