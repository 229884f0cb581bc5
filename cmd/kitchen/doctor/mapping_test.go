package doctor

import (
	"fmt"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

// On another program's tables the doctor looks at the mapping, and asks for nothing that only the project's own tables have.
func TestDoctorKnowsAttachedTables(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	node := dbtest.ServeRole(t, url) // whose grants go with the tables
	conn := dbtest.Conn(t, url)
	do := func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	do(`drop schema public cascade; create schema public; grant usage on schema public to public; drop schema if exists kitchen cascade`)
	do(dbtest.Script(t, "../../../db/attach/testdata/django.sql"))
	template, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	m, err := attach.Parse("django.sql", []byte(template.Text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attach.Up(t.Context(), conn, m); err != nil {
		t.Fatal(err)
	}
	look := func(url string) string {
		var text strings.Builder
		for _, f := range Examine(t.Context(), Config{Db: database.Config{URL: url}}) {
			fmt.Fprintf(&text, "%s %s: %s → %s\n", f.Mark, f.Check, f.Means, f.Mend)
		}
		return text.String()
	}
	expect := func(found string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(found, w) {
				t.Errorf("want %q:\n%s", w, found)
			}
		}
	}

	found := look(node)
	expect(found, "wrong rights: the role", "grant select on kitchen.restaurants")
	_, mend, _ := strings.Cut(found[strings.Index(found, "wrong rights"):], "→ ")
	mend, _, _ = strings.Cut(mend, "\n")
	do(mend)

	// A pooler gives one session to one client after another.
	pooled := startPooler(t, node, false)
	for range 3 {
		if found := look(pooled); strings.Contains(found, "mapping: could not be looked at") {
			t.Fatalf("through a pooler:\n%s", found)
		}
	}
	for role, address := range map[string]string{"the node's role": node, "the owner": url} {
		found = look(address)
		expect(found, "ok mapping: ", "ok migrations: none", "not tried new order: only the host")
		if strings.Contains(found, "wrong ") || strings.Contains(found, "could not be looked at") {
			t.Errorf("%s: all is well, and yet:\n%s", role, found)
		}
	}
	expect(look(node), "ok rights: ", "only the owner of the schema kitchen can compare")
	expect(look(url), "warning rights: ", "triggers on 9 tables fit the views")

	do(`alter table orders_order disable trigger kitchen_watch_update`)
	expect(look(node), "wrong mapping", `enable always trigger kitchen_watch_update`)
	expect(look(url), "wrong mapping", `enable always trigger kitchen_watch_update`)
	do(`alter table orders_order enable always trigger kitchen_watch_update; drop trigger kitchen_watch_delete on orders_orderitem;
		create or replace view kitchen.restaurants as select id, name, timezone, is_active from restaurants_restaurant`)
	expect(look(node), "wrong mapping", "the trigger kitchen_watch_delete of public.orders_orderitem is missing")
	expect(look(url), "wrong mapping", "watches other columns", "kitchen attach up FILE mends it")
}
