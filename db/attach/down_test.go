package attach_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
)

func (h *host) down() {
	h.Helper()
	if done, err := attach.Down(h.Context(), h.conn); err != nil || !done {
		h.Fatalf("down: %v, %v", done, err)
	}
}

func TestDownLeavesTheHostAsItWas(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	// The host uses goose itself, and has columns and triggers of its own.
	h.exec(`create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default now());
		insert into goose_db_version (version_id, is_applied) values (0, true), (17, true);
		create function stamp() returns trigger language plpgsql as $$ begin NEW.updated_at := now(); return NEW; end $$;
		create trigger stamp before update on orders_order for each row execute function stamp()`)
	before := h.dump()
	h.up(mapping(t, "django"))
	h.exec(`update orders_order set status = 'ready' where id = 1`)
	h.down()
	if after := h.dump(); after != before {
		t.Errorf("the schema differs after down:\n%s", after)
	}
	if v := h.one(`select string_agg(version_id::text, ' ' order by id) from goose_db_version`); v != "0 17" {
		t.Errorf("the host's goose_db_version has %s", v)
	}
	if done, err := attach.Down(t.Context(), h.conn); done || err != nil {
		t.Errorf("a second down: %v, %v", done, err)
	}
}

// Whoever holds a table for long is named, and nothing is taken away meanwhile.
func TestDownSaysWhoIsInTheWay(t *testing.T) {
	t.Parallel() // it waits for half a minute
	h := bare(t, tinyHost)
	h.up(parse(t, "small.sql", tinyMapping))
	before := h.dump()
	other := h.connect()
	tx, err := other.Begin(h.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(h.Context(), `set local application_name = 'import'; update ticket set note = 'open'`, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	_, err = attach.Down(h.Context(), h.conn)
	var refused *attach.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Means, "could not be locked") || !strings.Contains(refused.Mend, "import") {
		t.Errorf("down beside an open transaction: %v", err)
	}
	if err := tx.Rollback(h.Context()); err != nil {
		t.Fatal(err)
	}
	if h.dump() != before {
		t.Error("it took something away")
	}
	h.down()
}
