package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/local"
)

// The data directory outlives the program. Where another build made it, every command says so, and what to do.
func TestPrivateDatabaseOfAnotherBuild(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	env := []string{"KITCHEN_DATA_DIR=" + dir}
	if out, errs, code := kitchen(t, env, "migrate", "up"); code != 0 {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	server, err := local.Start(t.Context(), local.Config{DataDir: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	conn := dbtest.Conn(t, server.URL())
	for _, c := range []struct {
		list string
		code int
		want string
	}{
		{`update kitchen.goose_db_version set version_id = version_id + 1000 where version_id = (select max(version_id) from kitchen.goose_db_version)`, 1, "out-of-order"},
		{`update kitchen.goose_db_version set is_applied = false where version_id > 1000; update kitchen.goose_db_version set version_id = version_id - 1000 where version_id > 1000;
			delete from kitchen.goose_db_version where not is_applied`, 1, "already exists"},
		{`insert into kitchen.goose_db_version (version_id, is_applied) select max(version_id) + 1, true from kitchen.goose_db_version`, 0, "nothing to do"},
	} {
		if _, err := conn.Exec(t.Context(), c.list, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
		out, errs, code := kitchen(t, env, "migrate", "up")
		if code != c.code || !strings.Contains(out+errs, c.want) || code == 1 && !strings.Contains(errs, "another build") || code == 1 && !strings.Contains(errs, "move or remove "+dir) {
			t.Errorf("after %s: exit code %d: %s%s", c.list, code, out, errs)
		}
	}
	_, err = conn.Exec(t.Context(), `alter table kitchen.settings rename column start_before to begin_before`)
	if err != nil {
		t.Fatal(err)
	}
	running, _, code := kitchen(t, env, "doctor") // at the server that runs
	if code != 2 || !strings.Contains(running, "another build") || !strings.Contains(running, dir) {
		t.Errorf("doctor at a server that runs: exit code %d: %s", code, running)
	}
	if _, errs, code := kitchen(t, env, "token", "anna"); code != 1 || !strings.Contains(errs, "another build") {
		t.Errorf("token at a server that runs: exit code %d: %s", code, errs)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]int{
		"serve --listen 127.0.0.1:0 --metrics-listen off": 1, "demo --listen 127.0.0.1:0": 1, "token anna": 1, "migrate up": 1, "station list": 1, "doctor": 2,
	} {
		out, errs, code := kitchen(t, env, strings.Fields(args)...)
		said := out + errs
		for _, w := range []string{"another build", "settings.start_before", "move or remove " + dir, "orders are lost", "--data-dir"} {
			if code != want || !strings.Contains(said, w) {
				t.Errorf("%s: exit code %d, want %d and %q:\n%s", args, code, want, w, said)
			}
		}
		if strings.Contains(said, "kitchen migrate up") || strings.Contains(said, "not applied yet") {
			t.Errorf("%s sends to a command that does nothing here:\n%s", args, said)
		}
	}
}
