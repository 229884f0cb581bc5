package main

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// What a database or a role has as its defaults is its owner's business. Names and notes reach the tables as they were given, and the functions
// of the migrations are made as they are written.
func TestDefaultsOfADatabaseDoNotMatterToCommands(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	env := []string{"DATABASE_URL=" + url}
	run := func(args ...string) string {
		t.Helper()
		out, errs, code := kitchen(t, env, args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d: %s%s", args, code, out, errs)
		}
		return out
	}
	// What this test reads and writes is UTF8, and its strings are standard, whatever the defaults are.
	conn := dbtest.Conn(t, url+"&client_encoding=UTF8&standard_conforming_strings=on")
	ask := func(sql string) (answer string) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return answer
	}
	const functions = `select string_agg(pg_get_functiondef(oid), e'\n' order by oid::regprocedure::text) from pg_proc
	                    where pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace)`
	const checks = `select string_agg(conname || pg_get_constraintdef(oid), e'\n' order by conname) from pg_constraint where contype = 'c'`
	made, checked := ask(functions), ask(checks)
	run("migrate", "down", "--all")
	for _, setting := range []string{"client_encoding = 'LATIN1'", "standard_conforming_strings = off", "DateStyle = 'SQL, DMY'"} {
		if _, err := conn.Exec(t.Context(), "alter database "+pgx.Identifier{conn.Config().Database}.Sanitize()+" set "+setting); err != nil {
			t.Fatal(err)
		}
	}

	run("migrate", "up")
	if got := ask(functions); got != made {
		t.Errorf("the functions are not as the migrations make them: %s", firstDifference(made, got))
	}
	if got := ask(checks); got != checked {
		t.Errorf("the checks are not as the migrations make them: %s", firstDifference(checked, got))
	}
	run("migrate", "repair")
	if got := ask(functions); got != made {
		t.Errorf("the functions are not as they were, after a repair: %s", firstDifference(made, got))
	}
	run("restaurant", "add", "Trattoria Zoë", "--timezone", "Europe/Rome")
	if got := ask(`select name from restaurants`); got != "Trattoria Zoë" {
		t.Errorf("the restaurant is called %q", got)
	}
	if out := run("restaurant", "list"); !strings.Contains(out, "Trattoria Zoë") {
		t.Errorf("the list of restaurants says %q", out)
	}
}

// firstDifference shows the lines in which two texts differ first.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return "want " + w[i] + ", got " + strings.Join(g[min(i, len(g)):min(i+1, len(g))], "")
		}
	}
	return "there is more than wanted"
}
