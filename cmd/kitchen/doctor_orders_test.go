package main

import (
	"context"
	"fmt"
	"testing"
)

// A transaction that is left open makes other orders take numbers of another range: nothing else says whose it is.
func TestDoctorNamesWhoHoldsACounter(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	p.do(t, `insert into restaurants (name) values ('Vesuvio')`)
	open := dial(t, p.url)
	do(t, open, `set application_name = 'lunch-import'`)
	tx, err := open.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // or ended by the doctor's advice
	if _, err := tx.Exec(t.Context(), `insert into orders (restaurant_id) select id from restaurants`); err != nil {
		t.Fatal(err)
	}
	// A role that is not told how old the transaction is looks twice.
	for _, role := range []string{"kitchen_node", "postgres"} {
		p.awaitAge(t, open.PgConn().PID())
		diagnose(t, "DATABASE_URL="+p.as(role)).expect(t, "numbers", "warning", "lunch-import",
			fmt.Sprintf("process %d", open.PgConn().PID()), "pg_terminate_backend")
	}
	p.do(t, fmt.Sprintf("select pg_terminate_backend(%d, 10000)", open.PgConn().PID()))
	diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "numbers", "ok")
}

// awaitAge waits until the transaction of a process is as old as one that hangs.
func (p *patient) awaitAge(t *testing.T, pid uint32) {
	t.Helper()
	p.do(t, fmt.Sprintf(`select pg_sleep_until(xact_start + interval '2.1 s') from pg_stat_activity where pid = %d`, pid))
}

// A server of another release may have lost a name. Orders go on, and the doctor says whose days are counted in UTC.
func TestDoctorNamesRestaurantsWhoseTimeZoneIsLost(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	p.do(t, `insert into restaurants (name) values ('Vesuvio');
		alter table restaurants disable trigger restaurants_check_changed_timezone;
		update restaurants set timezone = 'Mars/Olympus';
		alter table restaurants enable trigger restaurants_check_changed_timezone;
		insert into orders (restaurant_id) select id from restaurants`)
	mend := diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "time zones", "warning", "Vesuvio (Mars/Olympus)", "UTC")
	if mend == "" {
		t.Error("no advice")
	}
	p.do(t, `update restaurants set timezone = 'America/New_York'`)
	diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "time zones", "ok")
}

func TestDoctorSaysThatADatabaseIsNotUTF8(t *testing.T) {
	c := newClinic(t, nil)
	c.do(t, `create database bytes template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'`)
	diagnose(t, "DATABASE_URL="+c.DatabaseURL("bytes")).expect(t, "encoding", "wrong", "SQL_ASCII", "create database")
}

// A writer goes on whatever a trigger meets; the doctor says what that was.
func TestDoctorTellsWhatKeptATriggerFromAnnouncing(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	p.do(t, `insert into restaurants (name) values ('Vesuvio');
		alter table kitchen.order_changes add constraint closed check (version > 1) not valid;
		insert into orders (restaurant_id) select id from restaurants;
		alter table kitchen.order_changes drop constraint closed`)
	diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "announcements", "warning", "public.orders", "closed", "23514", "delete from kitchen.trigger_errors")
	p.do(t, `delete from kitchen.trigger_errors`)
	diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "announcements", "ok")
}
