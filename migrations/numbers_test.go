package migrations_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver

	"kitchen/db/dbtest"
)

func TestNumbersCountFromOneEachBusinessDay(t *testing.T) {
	t.Parallel()
	h := open(t)
	number := func(at string) string {
		t.Helper()
		return h.one(`insert into orders (restaurant_id, created_at) values ($1, $2::timestamptz) returning business_day || ' #' || order_number`, h.a, at)
	}
	if err := h.do(`update restaurants set timezone = 'Europe/Rome' where id = $A`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-03-28 11:00+01", "2026-03-28 #1"},
		{"2026-03-28 23:59+01", "2026-03-28 #2"},
		{"2026-03-29 01:59+01", "2026-03-28 #3"}, // after midnight is still yesterday
		{"2026-03-29 03:01+02", "2026-03-28 #4"}, // the clock sprang from 02:00 to 03:00
		{"2026-03-29 03:59+02", "2026-03-28 #5"},
		{"2026-03-29 04:00+02", "2026-03-29 #1"},
		{"2026-10-25 02:30+02", "2026-10-24 #1"},
		{"2026-10-25 02:30+01", "2026-10-24 #2"}, // the hour that comes twice
		{"2026-10-25 04:00+01", "2026-10-25 #1"},
		{"2026-03-28 12:00+01", "2026-03-28 #6"}, // an import of another day counts on there
	} {
		if got := number(c.at); got != c.want {
			t.Errorf("%s: %s, want %s", c.at, got, c.want)
		}
	}
	// A number that a till gave is not given again; where it has a scheme of its own, the count goes on beside it.
	if err := h.do(`
		begin; insert into orders (restaurant_id) values ($B); rollback;;
		insert into orders (restaurant_id, external_id) values ($B, 'x');;
		insert into orders (restaurant_id, external_id) values ($B, 'x') on conflict do nothing;;
		insert into orders (restaurant_id, order_number) values ($B, 7), ($B, 40000000)`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`insert into orders (restaurant_id) values ($1) returning order_number::text`, h.b); got != "8" {
		t.Errorf("the next number is %s, want 8", got)
	}
	if got := h.one(`select string_agg(order_number::text, ' ' order by order_number) from orders where restaurant_id = $1`, h.b); got != "1 7 8 40000000" {
		t.Errorf("numbers are %s", got)
	}
}

// A writer that has waited for a while, on a machine that has no time, gets a spare number, and so does not fail the test.
func TestSixteenWritersGetEachNumberOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	var writers sync.WaitGroup
	for range 16 {
		writers.Go(func() {
			conn, err := pgx.Connect(t.Context(), h.url)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(context.Background())
			for range 20 {
				var number int
				began := time.Now()
				if err := conn.QueryRow(t.Context(), `insert into orders (restaurant_id) values ($1) returning order_number`, h.a).Scan(&number); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); number >= 9000 && took < 200*time.Millisecond {
					t.Errorf("number %d after %v: only who has waited gets one of those", number, took)
				}
			}
		})
	}
	writers.Wait()
	got := h.one(`
		select count(*) || ' orders, ' || count(distinct order_number) || ' numbers, none skipped: ' || (max(order_number) filter (where order_number < 9000) <= 320)
		  from orders`)
	if got != "320 orders, 320 numbers, none skipped: true" {
		t.Error(got)
	}
}

// A writer whose snapshot cannot see number 2 must not give it again: it gets a spare one, and is not refused.
func TestRepeatableReadWriterGetsANumberOfItsOwn(t *testing.T) {
	t.Parallel()
	h := open(t)
	late := dbtest.Conn(t, h.url)
	h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
	if _, err := late.Exec(t.Context(), `begin isolation level repeatable read; select count(*) from orders`); err != nil {
		t.Fatal(err)
	}
	h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
	if _, err := late.Exec(t.Context(), `insert into orders (restaurant_id) values ('`+h.a+`'); commit`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select string_agg(order_number::text, ' ' order by order_number) from orders`); got != "1 2 9000" {
		t.Errorf("numbers are %s", got)
	}
}
