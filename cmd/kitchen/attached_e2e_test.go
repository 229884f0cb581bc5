package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
	"kitchen/db/rush"
)

// attached is a Django app's database with a mapping, put there by the commands that the walk in db/attach/README.md names.
type attached struct {
	url     string // of the tables' owner
	pool    *pgxpool.Pool
	mapping string // a file
}

func attachDjango(t *testing.T) attached {
	t.Helper()
	a := attached{url: dbtest.New(t), mapping: filepath.Join(t.TempDir(), "kitchen.sql")}
	a.pool = dbtest.Pool(t, a.url)
	a.exec(t, `drop schema kitchen cascade; drop schema public cascade; create schema public; grant usage on schema public to public`)
	rows, err := os.ReadFile("../../db/attach/testdata/django.sql")
	if err != nil {
		t.Fatal(err)
	}
	a.exec(t, rush.DjangoTables+string(rows))
	template, errs, code := kitchen(t, nil, "attach", "template", "django")
	if code != 0 {
		t.Fatalf("attach template: %d %s", code, errs)
	}
	if err := os.WriteFile(a.mapping, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := kitchen(t, []string{"DATABASE_URL=" + a.url}, "attach", "up", a.mapping); code != 0 || !strings.Contains(out, "attached") {
		t.Fatalf("attach up: %d %s%s", code, out, errs)
	}
	return a
}

func (a attached) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := a.pool.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
}

// nodeURL is the address for a role that may do what db/attach/README.md grants the role of a node, and nothing else.
func (a attached) nodeURL(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../db/attach/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## The role of a node")
	section, _, _ = strings.Cut(section, "\n## ")
	var grants []string
	for _, block := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(section, -1) {
		grants = append(grants, block[1])
	}
	if len(grants) != 2 {
		t.Fatalf("db/attach/README.md has %d blocks of grants", len(grants))
	}
	return dbtest.Role(t, a.url, func(role string) string {
		made := regexp.MustCompile(`create role .*`).ReplaceAllString(strings.Join(grants, ""), "")
		return strings.ReplaceAll(made, "kitchen_node", role)
	})
}

// serve starts a node, and returns the address of its metrics and the token of a user beside it.
func (a attached) serve(t *testing.T, user string) (node *served, admin, token string) {
	t.Helper()
	env := onDatabase(a.nodeURL(t))
	node, admin = startMeasured(t, env...)
	token, errs, code := kitchen(t, env, "token", user)
	if code != 0 {
		t.Fatal(errs)
	}
	return node, admin, strings.TrimSpace(token)
}

// write commits orders with a line each, as an ORM would, for restaurant 1, until stop.
func (a attached) write(t *testing.T, writers int) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for ctx.Err() == nil {
				_, err := a.pool.Exec(ctx, `
					with o as (insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
					           values (1, 'dine_in', 'served', 0, '', '', 1, now(), now(), 2) returning id)
					insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) select 1, 1, '', 2, o.id from o`)
				if err != nil && ctx.Err() == nil {
					t.Errorf("a writer failed: %v", err)
					return
				}
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// What orders share is announced: names and settings reach a display within a second while others write, and the periodic check
// finds nothing that nobody announced. What no kitchen sees causes no read.
func TestNamesOfAnAttachedHostReachADisplayWithinASecond(t *testing.T) {
	a := attachDjango(t)
	node, admin, token := a.serve(t, "1")
	d := connect(t, node.socket("1"), token)
	first := d.untilType(t, "initial_queue")
	if len(first.Orders) != 1 || first.Orders[0].ID != "1" || first.Restaurant.Name != "Trattoria" {
		t.Fatalf("the first queue: %+v", first)
	}
	stop := a.write(t, 2)
	defer stop()
	shown := func(what, sql string, want func(terminal.Message) bool) {
		t.Helper()
		began := time.Now()
		a.exec(t, sql)
		d.until(t, what, want)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
	ticket := func(m terminal.Message) terminal.Ticket {
		if m.Type == "initial_queue" && len(m.Orders) == 1 {
			return m.Orders[0]
		}
		if m.Order != nil && m.Order.ID == "1" {
			return *m.Order
		}
		return terminal.Ticket{}
	}
	for i := range 5 {
		name := fmt.Sprintf("n%d", i)
		shown("the restaurant's name", `update restaurants_restaurant set name = '`+name+`' where id = 1`, func(m terminal.Message) bool { return m.Restaurant.Name == name })
		shown("a setting", fmt.Sprintf(`insert into kitchen.settings (restaurant_id, warn_after) values (1, '%d minutes') on conflict (restaurant_id) do update set warn_after = excluded.warn_after`, 6+i),
			func(m terminal.Message) bool { return m.Restaurant.WarnAfter == int64(60*(6+i)) })
		shown("a table's name", `update tables_table set number = '`+name+`' where id = 1`, func(m terminal.Message) bool { o := ticket(m); return o.Table != nil && o.Table.Label == name })
		shown("a user's name", `update accounts_user set first_name = '`+name+`' where id = 1`, func(m terminal.Message) bool { o := ticket(m); return o.CreatedBy != nil && o.CreatedBy.Name == name })
		shown("a dish's name", `update menu_menuitem set name = '`+name+`' where id = 1`, func(m terminal.Message) bool {
			o := ticket(m)
			return len(o.Items) == 1 && o.Items[0].MenuItem.Name == name
		})
	}
	stop()
	reads := func() (n uint64) {
		for _, m := range scrape(t, admin)["kitchen_hydration_seconds"].GetMetric() {
			n += m.GetHistogram().GetSampleCount()
		}
		return n
	}
	was := reads()
	for range 50 { // as many as in a second
		a.exec(t, `update orders_order set total = total + 1, updated_at = now() where id = 1; insert into payments_payment (amount, order_id) values (1, 1)`)
	}
	shown("a change after the payments", `update orders_order set notes = 'now' where id = 1`, func(m terminal.Message) bool { return ticket(m).Notes == "now" })
	if more := reads() - was; more > 1 {
		t.Errorf("50 payments, which no kitchen sees, and one change made %v reads", more)
	}
	if n := value(t, scrape(t, admin), "kitchen_repairs_total", ""); n != 0 {
		t.Errorf("the periodic check repaired %v times", n)
	}
}
