//go:build documents

package migrations_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/dbtest"
)

// What is put behind the README's code of each language to run it: an order of two lines for Zoë, and its status.
const (
	djangoProgram = `
import os, sys, django
from urllib.parse import parse_qsl
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"]}})
django.setup()
exec(open(sys.argv[1]).read())
order = place(sys.argv[2], "Zoë", [("Soup", 2), ("Bread", 1)])
assert order.order_number == 1, order.order_number
ready(order)
order.save()
`
	railsProgram = `
require ARGV[0]
ActiveRecord::Base.establish_connection(adapter: "postgresql", database: ENV["PGDATABASE"])
order = place(ARGV[1], "Zoë", [["Soup", 2], ["Bread", 1]])
raise "number #{order.order_number}" unless order.order_number == 1
ready(order)
`
	goProgram = `package main

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5"

	"kitchen/migrations/till"
)

func main() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, "")
	if err != nil {
		panic(err)
	}
	id, number, err := till.Place(ctx, conn, os.Args[1], "Zoë", []till.Line{{"Soup", 2}, {"Bread", 1}})
	if err != nil || number != 1 {
		panic(err)
	}
	if _, err := conn.Exec(ctx, "update orders set status = 'ready' where id = $1", id); err != nil {
		panic(err)
	}
}
`
)

// TestWritersOfTheReadme runs the README's code for other programs with the real ORMs. It wants Debian's python3-django,
// python3-psycopg2, ruby-activerecord and ruby-pg, so it is run by `make documents` and not with the rest.
func TestWritersOfTheReadme(t *testing.T) {
	for language, run := range map[string]func(code, restaurant string) *exec.Cmd{
		"python": func(code, restaurant string) *exec.Cmd {
			return exec.Command("/usr/bin/python3", file(t, "run.py", djangoProgram), file(t, "code.py", code), restaurant)
		},
		"ruby": func(code, restaurant string) *exec.Cmd {
			return exec.Command("ruby", file(t, "run.rb", railsProgram), file(t, "code.rb", code), restaurant)
		},
		"go": func(code, restaurant string) *exec.Cmd {
			here, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
				filepath.Join(here, "till", "till.go"):        file(t, "till.go", code),
				filepath.Join(here, "till", "run", "main.go"): file(t, "main.go", goProgram),
			}})
			if err != nil {
				t.Fatal(err)
			}
			return exec.Command("go", "run", "-overlay", file(t, "overlay.json", string(overlay)), "./till/run", restaurant)
		},
	} {
		t.Run(language, func(t *testing.T) {
			address := dbtest.New(t)
			pool := dbtest.Pool(t, address)
			var restaurant string
			err := pool.QueryRow(t.Context(), `insert into restaurants (name) values ('Bistro') returning id::text`).Scan(&restaurant)
			if err != nil {
				t.Fatal(err)
			}
			cmd := run(codeBlocks(t, "README.md", language)[0], restaurant)
			cmd.Env = append(os.Environ(), environment(t, address)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var status string
			var version, lines int
			err = pool.QueryRow(t.Context(), `
				select o.status, o.version, count(*) from orders o join order_items i on i.order_id = o.id
				 where o.restaurant_id = $1 group by o.id`, restaurant).Scan(&status, &version, &lines)
			if err != nil || status != "ready" || version != 2 || lines != 2 {
				t.Errorf("%s, version %d, %d lines, %v: want ready, 2, 2", status, version, lines, err)
			}
		})
	}
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// environment is a database's address in the variables that every client library reads.
func environment(t *testing.T, address string) []string {
	t.Helper()
	c, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User, "PGPASSWORD=" + c.Password,
		"PGDATABASE=" + c.Database}
}
