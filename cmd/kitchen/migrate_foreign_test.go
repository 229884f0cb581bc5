package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// A database that other programs use: what is theirs stays theirs, and nothing succeeds without tables of ours.
func TestMigrateLeavesOtherProgramsAlone(t *testing.T) {
	t.Parallel()
	empty := func(t *testing.T) (url string, do func(sql string) string) {
		url = dbtest.Empty(t)
		conn := dbtest.Conn(t, url)
		do = func(sql string) (text string) {
			t.Helper()
			if !strings.HasPrefix(sql, "select") {
				if _, err := conn.Exec(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
				return ""
			}
			if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			return text
		}
		return url, do
	}
	run := func(t *testing.T, url string, code int, args ...string) string {
		t.Helper()
		out, errs, got := kitchen(t, []string{"DATABASE_URL=" + url}, append([]string{"migrate"}, args...)...)
		if got != code {
			t.Errorf("%v: exit code %d, want %d: %s%s", args, got, code, out, errs)
		}
		return out + errs
	}

	t.Run("goose's table is theirs", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		do(`create table goose_db_version (id serial primary key, version_id bigint, is_applied bool, tstamp timestamptz default now());
			insert into goose_db_version (version_id, is_applied) values (0, true), (7, true), (99, true)`)
		theirs := do(`select string_agg(version_id::text, ' ' order by id) from goose_db_version`)
		if said := run(t, url, 0, "up"); !strings.Contains(said, "applied 00001") {
			t.Errorf("up says %s", said)
		}
		run(t, url, 0, "status")
		run(t, url, 0, "down", "--all")
		if now := do(`select string_agg(version_id::text, ' ' order by id) from goose_db_version`); now != theirs {
			t.Errorf("their list was %s and is %s", theirs, now)
		}
	})
	t.Run("the tables' names are taken", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		do(`create table users (id int); create table orders (id int)`)
		if said := run(t, url, 1, "up"); !strings.Contains(said, "users, orders") || !strings.Contains(said, "kitchen attach") || strings.Contains(said, "up to date") {
			t.Errorf("up says %s", said)
		}
		if left := do(`select string_agg(relname, ' ' order by relname) || ' ' || (to_regnamespace('kitchen') is null) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`); left != "orders users true" {
			t.Errorf("up left %s", left)
		}
	})
	t.Run("the schema's name is taken", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		do(`create schema kitchen; create table kitchen.recipes (id int)`)
		if said := run(t, url, 1, "up"); !strings.Contains(said, "recipes") || !strings.Contains(said, "database of its own") {
			t.Errorf("up says %s", said)
		}
		if left := do(`select string_agg(relname, ' ') from pg_class where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace)`); left != "recipes" {
			t.Errorf("up left %s", left)
		}
	})
	t.Run("the tables' names are taken, beside a list in which nothing is applied", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		run(t, url, 0, "up")
		run(t, url, 0, "down", "--all")
		do(`create table users (id int); create table orders (id int)`)
		if said := run(t, url, 1, "up"); !strings.Contains(said, "users, orders") || !strings.Contains(said, "kitchen attach") {
			t.Errorf("up says %s", said)
		}
	})
	t.Run("the list is there and the tables are not", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		run(t, url, 0, "up")
		do(`drop table order_item_modifiers, order_items, orders cascade`)
		if said := run(t, url, 1, "up"); !strings.Contains(said, "not there") || strings.Contains(said, "nothing to do") {
			t.Errorf("up says %s", said)
		}
	})
	t.Run("a migration is refused", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		do(`create function deny() returns event_trigger language plpgsql as $$ begin
				raise exception 'tables are made by Otto' using hint = 'Write to otto@example.org.';
			end $$;
			create event trigger deny on ddl_command_start when tag in ('CREATE DOMAIN') execute function deny()`)
		defer do(`drop event trigger if exists deny`)
		said := run(t, url, 1, "up")
		for _, part := range []string{"migration 00001", "tables are made by Otto", "Write to otto@example.org."} {
			if !strings.Contains(said, part) {
				t.Errorf("up does not say %q: %s", part, said)
			}
		}
		if strings.Contains(said, "up to date") || strings.Contains(said, "nothing to do") {
			t.Errorf("up says %s", said)
		}
		do(`drop event trigger deny`)
		run(t, url, 0, "up")
		do(`create view theirs as select * from order_items`)
		if said := run(t, url, 1, "down", "--all"); !strings.Contains(said, "view theirs depends") || !strings.Contains(said, "CASCADE") {
			t.Errorf("down says %s", said)
		}
	})
	t.Run("the search path leads elsewhere", func(t *testing.T) {
		t.Parallel()
		url, do := empty(t)
		do(`create schema elsewhere`)
		if said := run(t, url+"&search_path=elsewhere", 1, "up"); !strings.Contains(said, `"elsewhere"`) || !strings.Contains(said, "search_path") {
			t.Errorf("up says %s", said)
		}
		if left := do(`select count(*)::text from pg_class where relname = 'goose_db_version'`); left != "0" {
			t.Error("a list of migrations was left behind")
		}
	})
}
