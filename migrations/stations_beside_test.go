package migrations_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Two stations at one order, at once, 50 times, with a till that changes it and its lines: nobody fails, nothing is lost, and
// who comes last makes it ready.
func TestStationsAtOneOrderTakeTurns(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	grill, fryer, till := h.session(), h.session(), h.session()
	stations := map[string]string{}
	for _, name := range []string{"Grill", "Fryer"} {
		stations[name] = h.one(`select id::text from kitchen.stations where name = $1`, name)
	}
	for round := range 50 {
		id := h.order("meat", "meat", "fried")
		h.received()
		var all sync.WaitGroup
		start := make(chan struct{})
		at := func(s session, sql string, args ...any) {
			all.Go(func() {
				<-start
				if _, err := s.conn.Exec(t.Context(), sql, args...); err != nil {
					t.Errorf("round %d, %s: %v", round, sql, err)
				}
			})
		}
		at(grill, `select kitchen.set_lines($1, $2, 'ready', seen => 'pending')`, id, stations["Grill"])
		at(fryer, `select kitchen.set_lines($1, $2, 'ready', seen => 'pending')`, id, stations["Fryer"])
		at(till, `update orders set notes = 'x' where id = $1`, id)
		close(start)
		all.Wait()
		if status, lines := h.status(id), h.lines(id); status != "ready" || lines != "meat Grill:ready, meat Grill:ready, fried Fryer:ready" {
			t.Fatalf("round %d: %s, %s", round, status, lines)
		}
		if received := h.received(); len(received) != 3 {
			t.Errorf("round %d: received %q, want an event for each of three", round, received)
		}
	}
}

// A till that takes the order's row and then its lines, while a station takes the lines and then the row: neither waits for the other
// for long, and neither is the victim of a deadlock.
func TestStationsAndTillsDoNotDeadlock(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried")
	grill, till := h.session(), h.session()
	till.exec(`begin`)
	till.exec(`update orders set notes = 'x' where id = $1`, id)
	bumped := make(chan error, 1)
	go func() {
		_, err := grill.conn.Exec(t.Context(), `select kitchen.set_lines($1, (select id from kitchen.stations where name = 'Grill'), 'ready')`, id)
		bumped <- err
	}()
	for h.one(`select count(*)::text from pg_stat_activity where wait_event_type = 'Lock' and query like '%set_lines%' and pid <> pg_backend_pid()`) == "0" {
	}
	till.exec(`insert into order_items (order_id, name, category) values ($1, 'egg', 'meat')`, id)
	till.exec(`update orders set status = 'ready' where id = $1`, id)
	till.exec(`commit`)
	if err := <-bumped; err != nil {
		t.Fatal(err)
	}
	// The till has said that all is ready, egg included; the grill has bumped its own before that.
	if status, lines := h.status(id), h.lines(id); status != "ready" || lines != "meat Grill:ready, fried Fryer:ready, egg Grill:ready" {
		t.Errorf("%s, %s", status, lines)
	}
}

// A writer of lines needs no right on anything of the kitchen's, with stations or without.
func TestWritersOfLinesNeedNoRightsOnStations(t *testing.T) {
	t.Parallel()
	h := open(t)
	writer := h.owned()
	h.stations()
	id := h.order("meat")
	if err := h.bump(id, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`insert into order_items (order_id, name, category) select id, 'beer', 'drinks' from orders`,
		`update orders set status = 'ready'`, `update order_items set quantity = 3`, `delete from order_items where name = 'beer'`,
	} {
		if _, err := writer.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if status, lines := h.status(id), h.lines(id); status != "preparing" || lines != "meat Grill:pending!" {
		t.Errorf("%s, %s; %s", status, lines, h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`))
	}
}

// An error in what follows from a line never fails the writer.
func TestWritersNeverFailBecauseOfStations(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat")
	if err := h.bump(id, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	if err := h.do(`
		create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
		create trigger broken before insert on kitchen.line_changes for each row execute function broken()`); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`update orders set status = 'preparing'`, `insert into order_items (order_id, name) select id, 'egg' from orders`, `delete from order_items`} {
		if err := h.do(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if caught := h.one(`select coalesce(string_agg(message, '; '), '') from kitchen.trigger_errors`); !strings.Contains(caught, "broken") {
		t.Errorf("noted: %q", caught)
	}
	_, err := h.pool.Exec(context.WithoutCancel(t.Context()), `select kitchen.set_lines($1, null, 'ready')`, id)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "P0002" {
		t.Errorf("bumping an order without lines: %v", err)
	}
}

// Of two orders, one is ready and somebody else holds the other; or a trigger of another program refuses its status. The new route is
// announced all the same, and what is ready stays ready.
func TestReadyOrdersStayReadyWhateverHappensToOthers(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]string{
		"another holds it": `begin;; update orders set customer_name = 'Ann' where id = $ORDER`,
		"another program refuses it": `
			create function refuse() returns trigger language plpgsql as $$ begin if NEW.status = 'ready' then raise 'not before it is paid'; end if; return NEW; end $$;
			create trigger refuse before update on orders for each row execute function refuse()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.stations()
			done, last := h.order("drinks"), h.order("meat", "fried")
			for id, station := range map[string]string{done: "Bar", last: "Grill"} {
				if err := h.bump(id, station, "ready"); err != nil {
					t.Fatal(err)
				}
			}
			other := h.session()
			for _, sql := range strings.Split(strings.ReplaceAll(hinder, "$ORDER", "'"+last+"'"), ";;") {
				if _, err := other.conn.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			h.received()
			// Drinks are mixed at the grill from now on, and nothing is fried, so that the other order is ready, too.
			if err := h.do(`update kitchen.routes set station_id = case when category = 'drinks' then (select id from kitchen.stations where name = 'Grill') end
				where category in ('drinks', 'fried')`); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(h.received(), "; "); !strings.Contains(got, "queue_changed") {
				t.Errorf("announced: %q", got)
			}
			if status, lines := h.status(done), h.lines(done); status != "ready" || lines != "drinks Grill:ready" {
				t.Errorf("the ready order is %s, %s", status, lines)
			}
		})
	}
}
