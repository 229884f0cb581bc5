package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/dbtest"
)

// attached is the database of a system that has a template, with its mapping, put there by the commands that the walk in db/attach/README.md names.
type attached struct {
	url     string // of the tables' owner
	pool    *pgxpool.Pool
	mapping string // a file
}

func attachDjango(t *testing.T) attached {
	t.Helper()
	return attachTemplate(t, "django")
}

func attachTemplate(t *testing.T, name string) attached {
	t.Helper()
	a := attached{url: dbtest.Empty(t), mapping: filepath.Join(t.TempDir(), "kitchen.sql")}
	a.pool = dbtest.Pool(t, a.url)
	a.exec(t, `drop schema public; create schema public; grant usage on schema public to public`) // nobody else's on any release
	a.exec(t, dbtest.Script(t, "../../db/attach/testdata/"+name+".sql"))
	template, errs, code := kitchen(t, nil, "attach", "template", name)
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

// nodeURL is the address for a role that may do what db/attach/README.md grants the role of a node, and a comment of the mapping for its
// kitchen.set_status, and nothing else.
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
	mapping, err := os.ReadFile(a.mapping)
	if err != nil {
		t.Fatal(err)
	}
	for _, comment := range regexp.MustCompile(`(?m)^-- +(grant .* to kitchen_node;)$`).FindAllStringSubmatch(string(mapping), -1) {
		grants = append(grants, comment[1])
	}
	if len(grants) < 2 {
		t.Fatalf("db/attach/README.md and the mapping grant only %q", grants)
	}
	return dbtest.Role(t, a.url, func(role string) string {
		made := regexp.MustCompile(`create role .*`).ReplaceAllString(strings.Join(grants, "\n"), "")
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
