package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kitchen/db"
)

func TestTriggersThatDoNotFireAreNamed(t *testing.T) {
	t.Parallel()
	f := open(t)
	if wrong, err := f.db.CheckTriggers(t.Context()); err != nil || len(wrong) != 0 {
		t.Error(wrong, err)
	}
	f.exec(`drop trigger kitchen_watch_delete on orders; alter table orders disable trigger kitchen_watch_update;
		alter table order_items enable trigger kitchen_watch_insert`)
	wrong, err := f.db.CheckTriggers(t.Context())
	if err != nil || len(wrong) != 3 {
		t.Fatal(wrong, err)
	}
	for _, w := range wrong {
		if w.Silences != !strings.Contains(w.Means, "order_items.kitchen_watch_insert") {
			t.Errorf("%s: silencing %t", w, w.Silences)
		}
	}
	all := fmt.Sprint(wrong)
	for _, want := range []string{"orders.kitchen_watch_delete is missing", "orders.kitchen_watch_update is disabled", "order_items.kitchen_watch_insert is not enabled always"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

func TestEveryTriggerIsLookedFor(t *testing.T) {
	t.Parallel()
	f := open(t)
	var triggers []string
	if err := f.pool.QueryRow(t.Context(), `
		select array_agg(regexp_replace(n.nspname || '.', '^public\.', '') || c.relname || '.' || quote_ident(t.tgname))
		  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal`).Scan(&triggers); err != nil {
		t.Fatal(err)
	}
	f.exec(`do $$ declare t record; begin
		for t in select distinct tgrelid::regclass as name from pg_trigger where not tgisinternal loop
			execute format('alter table %s disable trigger user', t.name); end loop; end $$`)
	wrong, err := f.db.CheckTriggers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range triggers {
		if !slices.ContainsFunc(wrong, func(f db.TriggerFault) bool { return f.Means == name+" is disabled" }) {
			t.Errorf("nobody notices that %s is disabled", name)
		}
	}
}
