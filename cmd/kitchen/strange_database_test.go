package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// In a database that has nothing of this program, whatever is tried names both ways on: tables of our own, and a mapping over those
// that are there.
func TestCommandsSayBothWaysOnInAnotherProgramsDatabase(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"tables of another program":        `create table pos_order (id int primary key, total numeric)`,
		"no table at all":                  `select 1`,
		"an empty schema of the same name": `create schema kitchen`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.Empty(t)
			if _, err := dbtest.Conn(t, url).Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"serve"}, {"doctor"}, {"migrate", "status"}, {"token", "somebody"}, {"restaurant", "list"}, {"station", "list"}, {"screens"}, {"simulate"}} {
				out, errs, _ := kitchen(t, []string{"DATABASE_URL=" + url, "KITCHEN_JWT_SECRET=" + strings.Repeat("uniform-", 8), "KITCHEN_LISTEN=127.0.0.1:0"}, args...)
				if said := out + errs; !strings.Contains(said, "kitchen migrate up") || !strings.Contains(said, "kitchen attach template") {
					t.Errorf("kitchen %s says %s", strings.Join(args, " "), said)
				} else if args[0] != "doctor" && len(said) > 500 {
					t.Errorf("kitchen %s takes %d letters to say it: %s", strings.Join(args, " "), len(said), said)
				}
			}
		})
	}
}

// A server that is too old is named, before a migration fails of its syntax. The database tells the version of another.
func TestMigrateRefusesAnOldServer(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	if _, err := dbtest.Conn(t, url).Exec(t.Context(), `create function public.current_setting(name text) returns text language sql as
		$$ select case when name = 'server_version_num' then '130020' else pg_catalog.current_setting(name) end $$`); err != nil {
		t.Fatal(err)
	}
	joint := "?"
	if strings.Contains(url, "?") {
		joint = "&"
	}
	_, errs, code := kitchen(t, []string{"DATABASE_URL=" + url + joint + "search_path=public,pg_catalog"}, "migrate", "up")
	if code != 1 || !strings.Contains(errs, "PostgreSQL 13") || !strings.Contains(errs, "14 or later") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// A role that may not make the schema is told the statements that the owner has to run, and they are enough.
func TestMigrateSaysWhatARoleWithoutRightsLacks(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	owner := dbtest.Conn(t, url)
	if _, err := owner.Exec(t.Context(), `revoke create on schema public from public`); err != nil { // as from PostgreSQL 15 on
		t.Fatal(err)
	}
	role := []string{"DATABASE_URL=" + dbtest.Role(t, url, func(string) string { return "" })}
	_, errs, code := kitchen(t, role, "migrate", "up")
	_, advice, found := strings.Cut(strings.TrimSpace(errs), "let this role: ")
	if code != 1 || !found {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for statement := range strings.SplitSeq(advice, ";") {
		if _, err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, errs, code := kitchen(t, role, "migrate", "up"); code != 0 {
		t.Errorf("exit code %d after that: %s", code, errs)
	}
}

// What cannot even be checked is as wrong as a mapping that does not hold: 1 would say that there are warnings.
func TestAttachEndsAsTheDoctorDoes(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	for _, args := range [][]string{{"check", "nofile.sql"}, {"up", "nofile.sql"}, {"migration", "nofile.sql"}, {"template", "nosystem"}} {
		out, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, append([]string{"attach"}, args...)...)
		if code != 2 || !strings.Contains(errs, args[1]) {
			t.Errorf("kitchen attach %s: exit code %d, %s%s", strings.Join(args, " "), code, out, errs)
		}
	}
	out, errs, code := kitchen(t, []string{"DATABASE_URL=postgres://nobody@127.0.0.1:1/none?connect_timeout=1"}, "attach", "down")
	if code != 2 || errs == "" {
		t.Errorf("without a database: exit code %d, %s%s", code, out, errs)
	}
}
