//go:build documents

package migrations_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Programs that call the code of ORM.md: each places an order of two lines for Zoë, and sets its status.
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
	prismaProgram = `
import assert from "node:assert/strict";
import { place, prisma, ready } from "./code.mjs";
const [restaurant] = process.argv.slice(2);
const order = await place(restaurant, "Zoë", [["Soup", 2, "no onion"], ["Bread", 1]]);
const version = async () => (await prisma.$queryRawUnsafe("select version from kitchen.order_versions"))[0].version;
assert.deepEqual([order.orderNumber, await version(), order.status], [1, 1n, "pending"]);
const [clock] = await prisma.$queryRawUnsafe("select o.created_at = v.changed_at as is_the_servers from orders o, kitchen.order_versions v");
assert.equal(clock.is_the_servers, true);
const done = await ready(order);
assert.deepEqual([done.status, await version()], ["ready", 2n]);
await ready(order);
assert.equal(await version(), 2n);
const items = await prisma.orderItem.findMany({ where: { orderId: order.id }, include: { modifiers: true }, orderBy: { position: "asc" } });
assert.deepEqual(items.map((i) => [i.restaurantId, i.name, Number(i.quantity), i.modifiers.map((m) => [m.restaurantId, m.name, Number(m.quantity)])]),
  [[restaurant, "Soup", 2, [[restaurant, "no onion", 1]]], [restaurant, "Bread", 1, []]]);
assert.equal(typeof items[0].position, "bigint");
const stale = await prisma.$executeRawUnsafe("update orders set status = 'pending' where 1 = (select v.version from kitchen.order_versions v where v.order_id = orders.id)");
assert.equal(stale, 0);
await prisma.order.update({ where: { id: order.id }, data: { externalId: "till-3/1" } });
await assert.rejects(prisma.order.create({ data: { restaurantId: restaurant, externalId: "till-3/1" } }), { code: "P2002" });
await prisma.$disconnect();
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

// writer is the name that every program of this test gives itself.
const writer = "till-3"

// TestWritersOfTheReadme runs the code of ORM.md with the real ORMs. It wants Debian's python3-django,
// python3-psycopg2, ruby-activerecord and ruby-pg, and Prisma from npm, so it is run by `make documents` and not with the rest.
func TestWritersOfTheReadme(t *testing.T) {
	for language, run := range map[string]func(t *testing.T, code, address, restaurant string) *exec.Cmd{
		"python": func(t *testing.T, code, address, restaurant string) *exec.Cmd {
			cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", file(t, "run.py", djangoProgram), file(t, "code.py", code), restaurant)
			cmd.Env = environment(t, address)
			return cmd
		},
		"ruby": func(t *testing.T, code, address, restaurant string) *exec.Cmd {
			cmd := exec.CommandContext(t.Context(), "ruby", file(t, "run.rb", railsProgram), file(t, "code.rb", code), restaurant)
			cmd.Env = environment(t, address)
			return cmd
		},
		"js": prisma,
		"go": func(t *testing.T, code, address, restaurant string) *exec.Cmd {
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
			cmd := exec.CommandContext(t.Context(), "go", "run", "-overlay", file(t, "overlay.json", string(overlay)), "./till/run", restaurant)
			cmd.Env = environment(t, address)
			return cmd
		},
	} {
		t.Run(language, func(t *testing.T) {
			h := open(t)
			if out, err := run(t, codeBlocks(t, "ORM.md", language)[0], h.url, h.a).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var id, status string
			var version, lines int
			err := h.pool.QueryRow(t.Context(), `
				select o.id::text, o.status, v.version, count(*)
				  from orders o join kitchen.order_versions v on v.order_id = o.id join order_items i on i.order_id = o.id
				 where o.restaurant_id = $1 group by o.id, v.version`, h.a).Scan(&id, &status, &version, &lines)
			if err != nil || status != "ready" || version != 2 || lines != 2 {
				t.Errorf("%s, version %d, %d lines, %v: want ready, 2, 2", status, version, lines, err)
			}
			want := []string{
				`{"type":"order_created","order_id":"` + id + `","version":1,"by":"` + writer + `"}`,
				`{"type":"order_status_changed","order_id":"` + id + `","status":"ready","version":2,"by":"` + writer + `"}`,
			}
			if received := h.payloads(); !slices.Equal(received, want) {
				t.Errorf("received %s, want %s", received, want)
			}
		})
	}
}

// prisma generates the client of ORM.md's schema, and returns the program that writes with it. Its database comes as one address,
// as ORM.md says, and not in the variables.
func prisma(t *testing.T, code, address, restaurant string) *exec.Cmd {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	modules := filepath.Join(cache, "kitchen-documents", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "prisma")); err != nil {
		t.Fatalf("Prisma is missing, run .ci/install documents: %v", err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"schema.prisma": codeBlocks(t, "ORM.md", "prisma")[0], "code.mjs": code, "run.mjs": prismaProgram,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	node := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "node", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(),
			"DATABASE_URL="+address+"&application_name="+writer,
			// The command line downloads an engine for migrations before anything else, which generating a client does not
			// use; it does not where it is told of any file. Nor does it ask for news of itself.
			"PRISMA_SCHEMA_ENGINE_BINARY="+filepath.Join(dir, "schema.prisma"), "CHECKPOINT_DISABLE=1")
		return cmd
	}
	if out, err := node("node_modules/prisma/build/index.js", "generate", "--schema", "schema.prisma").CombinedOutput(); err != nil {
		t.Fatalf("generate: %v: %s", err, out)
	}
	return node("run.mjs", restaurant)
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// environment is the process's own, with a database's address and the writer's name in the variables that client libraries
// read.
func environment(t *testing.T, address string) []string {
	t.Helper()
	c, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PGHOST="+c.Host, "PGPORT="+strconv.Itoa(int(c.Port)), "PGUSER="+c.User, "PGPASSWORD="+c.Password,
		"PGDATABASE="+c.Database, "PGAPPNAME="+writer)
}
