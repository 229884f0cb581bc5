package notifier_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
)

// TestRandomHistoriesOfAttachedTables is [TestRandomHistories] on tables of other programs: one whose orders have their restaurant in a
// join table, and one whose keys are text.
func TestRandomHistoriesOfAttachedTables(t *testing.T) {
	t.Parallel()
	coopcycle, err := attach.FindTemplate("coopcycle")
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]*hostStock{
		"join_table": {
			tables: readFile(t, "../db/attach/testdata/coopcycle.sql") + coopcycleSequences, mapping: coopcycle.Text, noted: coopcycleNoted,
			newTenant: coopcycleTenant, changes: coopcycleChanges(), statuses: []string{"new", "started", "ready", "fulfilled", "cancelled", "accepted"},
			truncate: `truncate sylius_order cascade`, forget: `truncate sylius_order cascade; delete from kitchen.order_changes`,
		},
		"text_keys": {
			tables: textTables, mapping: textMapping, noted: textNoted,
			newTenant: textTenant, changes: textChanges(), statuses: []string{"placed", "cooking", "done", "served", "void", "cooking"},
			truncate: `truncate "order" cascade`, forget: `truncate "order" cascade; delete from kitchen.order_changes`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workers := 2
			if flagged(historiesFlag) != flag.Lookup(historiesFlag).DefValue {
				workers = 4 // as many histories as on our own tables
			}
			runHistories(t, workers, h.stock())
		})
	}
}

// hostStock is another program's tables.
type hostStock struct {
	tables, mapping, noted string
	newTenant              string            // returns an id; $1 is the canary
	changes                map[string]string // by kind of step; and what an order and a line are, for these
	statuses               []string          // six, in the host's words
	truncate, forget       string
}

func (h *hostStock) stock() *stock {
	return &stock{prepare: h.prepare, tenant: h.tenant, sql: h.fill, truncate: h.truncate, forget: h.forget}
}

// prepare makes the tables, attaches them, and has every status noted that an order ever has.
func (h *hostStock) prepare(t *testing.T, url string) {
	t.Helper()
	conn := dbtest.Conn(t, url)
	do := func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	do(`drop schema public cascade; create schema public; drop schema if exists kitchen cascade`)
	do(h.tables)
	m, err := attach.Parse("mapping.sql", []byte(h.mapping))
	if err != nil {
		t.Fatal(err)
	}
	report, err := attach.Check(t.Context(), conn, m)
	if err != nil || report.Worst() == attach.Wrong {
		t.Fatalf("the mapping: %v: %+v", err, report)
	}
	if _, err := attach.Up(t.Context(), conn, m); err != nil {
		t.Fatal(err)
	}
	do(`create table noted_versions (order_id kitchen.order_key, version bigint, status text);
		create function note(key kitchen.order_key) returns void language sql as $$
		  insert into public.noted_versions
		  select o.id, 1 + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = o.id), 0), o.status from kitchen.orders o where o.id = key $$;
		create function note_change() returns trigger language plpgsql security definer as $$ begin perform public.note(NEW.order_id); return null; end $$;
		create function note_order() returns trigger language plpgsql security definer as $$ begin perform public.note(NEW.id); return null; end $$;
		create trigger zz_note after insert or update on kitchen.order_changes for each row execute function note_change();` + h.noted)
}

func (h *hostStock) tenant(ctx context.Context, pool *pgxpool.Pool) (*faulttest.Tenant, error) {
	tenant := &faulttest.Tenant{Canary: fmt.Sprintf("canary-%016x", rand.Uint64())}
	if err := pool.QueryRow(ctx, h.newTenant, tenant.Canary).Scan(&tenant.ID); err != nil {
		return nil, fmt.Errorf("make a tenant: %w", err)
	}
	return tenant, nil
}

// fill is the SQL of a step on these tables: that of its kind, with its numbers, names and texts.
func (h *hostStock) fill(st step, t, other *faulttest.Tenant) string {
	sql, known := h.changes[st.kind]
	if !known {
		panic("unknown step " + st.kind)
	}
	for _, part := range []string{"insert", "the line", "the order"} { // a line is one of an order
		sql = strings.ReplaceAll(sql, "<"+part+">", h.changes[part])
	}
	return strings.NewReplacer(
		"<tenant>", string(t.ID), "<other>", string(other.ID), "<other canary>", other.Canary, "<text>", fmt.Sprintf("%s %d", t.Canary, st.b*6+st.c),
		"<status>", h.statuses[st.c], "<nth order>", fmt.Sprint(st.b), "<nth line>", fmt.Sprint(st.c%3), "<many>", fmt.Sprint(20+st.c*10),
	).Replace(sql)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
