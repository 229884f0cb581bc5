package migrations_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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

// A silent import of past days, left open, holds nobody up; and rows that alternate between restaurants cost no more than others.
func TestImportOfOtherDaysHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := open(t)
	importer, other := h.session(), h.session()
	importer.exec(`begin`)
	importer.exec(`insert into orders (restaurant_id, created_at) select $1, now() - n * interval '1 day' from generate_series(1, 2000) n`, h.b)
	for range 20 {
		if got := h.one(`insert into restaurants (name) values ('x') returning id::text`); got != "" {
			other.exec(`insert into orders (restaurant_id) values ($1)`, got)
		}
	}
	importer.exec(`commit`)
	if got := h.one(`select count(*) || ' ' || max(order_number) from orders`); got != "2020 1" {
		t.Errorf("orders, and the highest number of any day: %s", got)
	}
	took := other.took(`insert into orders (restaurant_id) select case n % 2 when 0 then $1::uuid else $2::uuid end from generate_series(1, 6000) n`, h.a, h.b)
	alone := other.took(`insert into orders (restaurant_id, order_number) select case n % 2 when 0 then $1::uuid else $2::uuid end, 200000 + n from generate_series(1, 6000) n`, h.a, h.b)
	if took > 8*alone {
		t.Errorf("6,000 orders of two restaurants, in turn, took %s, and with numbers %s", took, alone)
	}
}

// Every isolation level, at once: nobody is refused a number, and none is given twice.
func TestWritersOfEveryIsolationLevelGetNumbers(t *testing.T) {
	t.Parallel()
	h := open(t)
	var writers sync.WaitGroup
	for i, level := range []string{"read committed", "repeatable read", "serializable", "repeatable read", "serializable"} {
		s := h.session()
		s.exec(`set default_transaction_isolation = '` + level + `'`)
		writers.Go(func() {
			for range 15 {
				if _, err := s.conn.Exec(t.Context(), `insert into orders (restaurant_id) values ($1)`, h.a); err != nil {
					t.Errorf("writer %d, %s: %v", i, level, err)
				}
			}
		})
	}
	writers.Wait()
	if got := h.one(`select count(*) || ' ' || count(distinct order_number) from orders`); got != "75 75" {
		t.Errorf("orders, different numbers: %s", got)
	}
}

func TestNoNumberOfADayIsGivenTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	next := func() string {
		return h.one(`insert into orders (restaurant_id) values ($1) returning order_number::text`, h.a)
	}
	if err := h.do(`insert into orders (restaurant_id) select $A from generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	if err := h.do(`delete from orders where order_number = 3`); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != "4" {
		t.Errorf("after 3 was deleted comes %s", got)
	}
	if err := h.do(`insert into orders (restaurant_id, order_number) values ($A, 999999), ($A, 20231), ($A, 9000)`); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != "5" {
		t.Errorf("beside a till's own scheme comes %s", got)
	}
	// An order that moves keeps its number where nobody has it, and gets another where somebody does.
	if err := h.do(`insert into orders (restaurant_id, order_number, notes) values ($B, 2, 'taken'), ($B, 77, 'free');; update orders set restaurant_id = $A where restaurant_id = $B`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select string_agg(order_number::text, ' ' order by notes) from orders where notes in ('free', 'taken')`); got == "77 2" || !strings.HasPrefix(got, "77 ") {
		t.Errorf("the numbers of orders that moved: %s", got)
	}
	// A retry renumbers nothing.
	upsert := `insert into orders (restaurant_id, external_id, notes) values ($1, 'again', 'x')
		on conflict (restaurant_id, external_id) do update set order_number = excluded.order_number, notes = excluded.notes returning order_number::text`
	if first, second := h.one(upsert, h.a), h.one(upsert, h.a); first != second {
		t.Errorf("a retry made %s of number %s", second, first)
	}
	if got := h.one(`update orders set order_number = null where external_id = 'again' returning order_number::text`); got == "" {
		t.Error("an ORM's null took the number away")
	}
	if got := h.one(`select count(*) || ' ' || count(distinct order_number) from orders where restaurant_id = $1`, h.a); strings.Split(got, " ")[0] != strings.Split(got, " ")[1] {
		t.Errorf("orders, different numbers: %s", got)
	}
	// Whatever is no key identifies nothing.
	if err := h.do(`insert into orders (restaurant_id, external_id) values ($A, ''), ($A, '')`); err != nil {
		t.Error(err)
	}
}
