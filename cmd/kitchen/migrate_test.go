package main

import (
	"strings"
	"sync"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/migrations"
)

func TestMigrateUndoesAndApplies(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + dbtest.New(t)}
	files, err := migrations.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	newest := strings.TrimSuffix(files[len(files)-1].Name(), ".sql")
	migrate := func(args ...string) string {
		t.Helper()
		out, errs, code := kitchen(t, env, append([]string{"migrate"}, args...)...)
		if code != 0 || errs != "" {
			t.Fatalf("migrate %v: exit code %d, %s", args, code, errs)
		}
		return out
	}

	if out := migrate("up"); !strings.Contains(out, "nothing to do") {
		t.Errorf("up on a migrated database: %s", out)
	}
	if out := migrate("status"); strings.Count(out, " applied 2") != len(files) {
		t.Errorf("status: %s", out)
	}
	if out := migrate("down"); !strings.HasPrefix(out, "undone "+newest+" (") || strings.Count(out, "\n") != 1 {
		t.Errorf("down: %s", out)
	}
	if out := migrate("status"); strings.Count(out, "applied") != len(files)-1 || strings.Count(out, "pending") != 1 {
		t.Errorf("status after down: %s", out)
	}
	if out := migrate("down", "--all"); strings.Count(out, "undone ") != len(files)-1 {
		t.Errorf("down --all: %s", out)
	}
	for _, all := range [][]string{{"down"}, {"down", "--all"}} {
		if out := migrate(all...); !strings.Contains(out, "nothing to undo") {
			t.Errorf("%v of nothing: %s", all, out)
		}
	}
	if out := migrate("up"); strings.Count(out, "applied ") != len(files) {
		t.Errorf("up: %s", out)
	}
}

func TestTwoMigrationsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	env := []string{"DATABASE_URL=" + url}
	if _, errs, code := kitchen(t, env, "migrate", "down", "--all"); code != 0 {
		t.Fatal(errs)
	}
	var both sync.WaitGroup
	var outs [4]string
	for i := range outs {
		both.Go(func() {
			out, errs, code := kitchen(t, env, "migrate", "up")
			if code != 0 {
				t.Errorf("exit code %d: %s", code, errs)
			}
			outs[i] = out
		})
	}
	both.Wait()
	applied := 0
	for _, out := range outs {
		if strings.Contains(out, "applied ") {
			applied++
		} else if !strings.Contains(out, "nothing to do") {
			t.Errorf("neither applied nor nothing to do: %q", out)
		}
	}
	if applied != 1 {
		t.Errorf("%d of 4 applied something, want 1", applied)
	}
	newHouse(t, url, "anna") // the schema is whole
}

// What a repair leaves is what the migrations make: of a database that is whole, nothing changes.
func TestRepairOfAWholeDatabaseChangesNothing(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	conn := dbtest.Conn(t, url)
	look := func() (text string) {
		t.Helper()
		err := conn.QueryRow(t.Context(), `select concat(
			(select string_agg(pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '-'), e'\n' order by p.oid::regprocedure::text) from pg_proc p
			  where p.pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace)),
			(select string_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text, e'\n' order by t.tgrelid::regclass::text, t.tgname) from pg_trigger t where not t.tgisinternal),
			(select string_agg(c.relname || pg_get_viewdef(c.oid), e'\n' order by c.relname) from pg_class c
			  where c.relkind = 'v' and c.relnamespace = 'kitchen'::regnamespace))`).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := look()
	out, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, "migrate", "repair")
	if code != 0 || errs != "" || !strings.HasPrefix(out, "repaired") {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	if after := look(); after != before || len(before) < 10_000 {
		t.Errorf("a repair changed what was whole; before:\n%s\nafter:\n%s", before, after)
	}
}

func TestRepairNeedsMigrations(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	env := []string{"DATABASE_URL=" + url}
	for _, down := range [][]string{{"migrate", "down"}, {"migrate", "down", "--all"}} {
		if _, errs, code := kitchen(t, env, down...); code != 0 {
			t.Fatal(errs)
		}
		if _, errs, code := kitchen(t, env, "migrate", "repair"); code != 1 || !strings.Contains(errs, "kitchen migrate up") {
			t.Errorf("after %v: exit code %d: %s", down, code, errs)
		}
	}
}

// The program alone is enough to make the role of a node: who has a release file has no folder of migrations.
func TestMigratePrintsTheRoleOfServe(t *testing.T) {
	t.Parallel()
	out, errs, code := kitchen(t, nil, "migrate", "role")
	if code != 0 || out != migrations.ServeRole {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}
