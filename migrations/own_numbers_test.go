package migrations_test

import (
	"fmt"
	"testing"
	"time"
)

// A till that gives numbers itself writes one that would be given next, and has not committed. Nobody else is given it, nor waits
// for long.
func TestOwnNumberIsGivenToNobodyBeforeItIsCommitted(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]string{
		"insert": `insert into orders (restaurant_id, order_number) values ('%[1]s', %[2]d)`,
		"update": `update orders set order_number = %[2]d where restaurant_id = '%[1]s' and order_number = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			till, other := h.session(), h.session()
			till.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
			till.exec(`begin`)
			till.exec(fmt.Sprintf(own, h.a, 2))
			for range 2 {
				if took := other.took(`insert into orders (restaurant_id) values ($1)`, h.a); took > 1500*time.Millisecond {
					t.Errorf("an order took %s", took)
				}
			}
			if took := other.took(`insert into orders (restaurant_id) values ($1)`, h.b); took > 700*time.Millisecond {
				t.Errorf("an order of another restaurant took %s", took)
			}
			if took := other.took(`insert into orders (restaurant_id, order_number) values ($1, 5)`, h.a); took > 700*time.Millisecond {
				t.Errorf("another till's order took %s", took)
			}
			till.exec(`insert into orders (restaurant_id) values ($1)`, h.a) // its own number does not keep it from the count
			till.exec(`commit`)
			other.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
			h.distinct()
			if got := h.one(`select max(order_number)::text from orders where restaurant_id = $1 and order_number < 9000`, h.a); got != "7" {
				t.Errorf("the count has come to %s, want 7", got)
			}
		})
	}
}

// The first number that was not counted, in a database where nobody has given one, is given to nobody again: a till's own, also of another day,
// and one that an order keeps when it moves.
func TestFirstNumberThatWasNotCounted(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"a till's":                             `insert into orders (restaurant_id, order_number) values ('%[2]s', 2)`,
		"a till's, for an order that is there": `update orders set order_number = 2 where restaurant_id = '%[2]s'`,
		"of the day after tomorrow":            `insert into orders (restaurant_id, order_number, created_at) values ('%[2]s', 2, now() + interval '2 days')`,
		"of a year ago":                        `insert into orders (restaurant_id, order_number, created_at) values ('%[2]s', 2, now() - interval '1 year')`,
		"of an order that moves": `insert into orders (restaurant_id) values ('%[1]s'); insert into orders (restaurant_id) values ('%[1]s'); insert into orders (restaurant_id) values ('%[1]s');
			update orders set restaurant_id = '%[2]s' where restaurant_id = '%[1]s' and order_number = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			at := "now()"
			switch name {
			case "of the day after tomorrow":
				at = "now() + interval '2 days'"
			case "of a year ago":
				at = "now() - interval '1 year'"
			}
			order := `insert into orders (restaurant_id, created_at) values ('%[2]s', ` + at + `);;`
			if err := h.do(fmt.Sprintf(order+sql+`;;`+order+order+order, h.a, h.b)); err != nil {
				t.Fatal(err)
			}
			h.distinct()
		})
	}
}

// Where no till gives numbers, nobody pays for looking at them: what a till gives says so for its day and those before, and not for the next.
func TestWhetherATillGivesNumbers(t *testing.T) {
	t.Parallel()
	h := open(t)
	const gives = `select concat_ws(' ', kitchen.has_own_numbers(current_date - 400), kitchen.has_own_numbers(current_date - 1), kitchen.has_own_numbers(current_date), kitchen.has_own_numbers(current_date + 1))`
	for _, step := range []struct{ sql, want string }{
		{`insert into orders (restaurant_id) values ($A)`, "f f f f"},
		{`insert into orders (restaurant_id, order_number, created_at) values ($A, 7, current_date - interval '400 days' + interval '12 hours')`, "t f f f"},
		{`begin; insert into orders (restaurant_id, order_number, created_at) values ($A, 7, current_date - interval '12 hours'); rollback`, "t t f f"},
		{`insert into orders (restaurant_id, order_number, created_at) values ($A, 7, current_date + interval '100 years')`, "t t t t"},
	} {
		if err := h.do(step.sql); err != nil {
			t.Fatal(err)
		}
		if got := h.one(gives); got != step.want {
			t.Errorf("%s: %s, want %s", step.sql, got, step.want)
		}
	}
}

// Spare numbers are in a range that tills may use themselves. Those of a SERIALIZABLE writer, who may look at no order, and
// of others who could not wait are none that a till has written there, committed or not.
func TestSpareNumberIsNoTillsOwn(t *testing.T) {
	t.Parallel()
	h := open(t)
	till, holder := h.session(), h.session()
	holder.exec(`begin`)
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	stale := h.session()
	stale.exec(`begin isolation level repeatable read`)
	stale.exec(`select count(*) from orders`)
	till.exec(`insert into orders (restaurant_id, order_number) select $1, n from generate_series(9000, 9003) n`, h.a)
	till.exec(`insert into orders (id, restaurant_id, order_number) values ($1, $2, 9006)`, h.a, h.b)
	till.exec(`begin`)
	till.exec(`insert into orders (restaurant_id, order_number) values ($1, 9004)`, h.a)
	till.exec(`update orders set order_number = 9005 where order_number = 9000`)
	till.exec(`update orders set restaurant_id = $2 where id = $1`, h.a, h.a) // keeps 9006, or gets another
	for _, level := range []string{"serializable", "read committed"} {
		s := h.session()
		s.exec(`set default_transaction_isolation = '` + level + `'`)
		for range 3 {
			if took := s.took(`insert into orders (restaurant_id) values ($1)`, h.a); took > 1500*time.Millisecond {
				t.Errorf("%s: an order took %s", level, took)
			}
		}
	}
	if took := stale.took(`insert into orders (restaurant_id) select $1 from generate_series(1, 3)`, h.a); took > 1500*time.Millisecond {
		t.Errorf("repeatable read: an order took %s", took)
	}
	stale.exec(`commit`)
	till.exec(`commit`)
	holder.exec(`commit`)
	h.distinct()
}

// An import of many days and restaurants with numbers of its own takes no more locks than the server has.
func TestImportWithOwnNumbersRunsOutOfNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	importer := h.session()
	importer.exec(`insert into restaurants (name) select 'r' || n from generate_series(1, 20000) n`)
	importer.exec(`begin`)
	importer.exec(`insert into orders (restaurant_id, order_number) select id, 7 from restaurants`)
	importer.exec(`insert into orders (restaurant_id, order_number, created_at) select $1, 7, now() - n * interval '1 day' from generate_series(1, 20000) n`, h.a)
	if got := importer.text(`select (count(*) < 2000)::text from pg_locks where pid = pg_backend_pid()`); got != "true" {
		t.Errorf("the import holds 2,000 locks and more")
	}
	importer.exec(`commit`)
}

// What is remembered of spare numbers is forgotten with the day.
func TestSpareNumbersAreForgotten(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id, order_number) values ($A, 9007);;
		insert into orders (restaurant_id, order_number, created_at) values ($A, 9008, now() - interval '5 days')`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select string_agg(number::text, ' ') from kitchen.spare_numbers`); got != "9007" {
		t.Errorf("numbers of now: %s", got)
	}
	if err := h.do(`update kitchen.spare_numbers set business_day = business_day - 5;; select kitchen.tidy_order_changes(100)`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select count(*)::text from kitchen.spare_numbers`); got != "0" {
		t.Errorf("%s are left", got)
	}
}

func (h *house) distinct() {
	h.Helper()
	const doubles = `select coalesce(string_agg(order_number || ' in ' || r.name, ', '), '') from (
		select restaurant_id, order_number from orders group by restaurant_id, business_day, order_number having count(*) > 1) d
		join restaurants r on r.id = d.restaurant_id`
	if got := h.one(doubles); got != "" {
		h.Errorf("given more than once: %s", got)
	}
}

func (s session) text(sql string, args ...any) (answer string) {
	s.Helper()
	if err := s.conn.QueryRow(s.Context(), sql, args...).Scan(&answer); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
	return answer
}
