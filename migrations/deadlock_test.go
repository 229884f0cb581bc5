package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/dbtest"
)

// session is a connection of a writer.
type session struct {
	*testing.T
	conn *pgx.Conn
}

func (h *house) session() session {
	h.Helper()
	conn := dbtest.Conn(h, h.url)
	return session{h.T, conn}
}

func (s session) exec(sql string, args ...any) {
	s.Helper()
	if _, err := s.conn.Exec(s.Context(), sql, args...); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
}

// began is how long a statement took.
func (s session) took(sql string, args ...any) time.Duration {
	s.Helper()
	began := time.Now()
	s.exec(sql, args...)
	return time.Since(began)
}

// An order that is left open in psql holds the count of its restaurant. Others wait for it less than a second, get numbers of
// their own, and no two are equal in the end.
func TestOpenTransactionDelaysNobodyByMoreThanASecond(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, other, import_ := h.session(), h.session(), h.session()
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	holder.exec(`begin`)
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	if took := import_.took(`insert into orders (restaurant_id, created_at) values ($1, now() - interval '3 days')`, h.a); took > 700*time.Millisecond {
		t.Errorf("an order of another day took %s", took)
	}
	if took := import_.took(`insert into orders (restaurant_id) values ($1)`, h.b); took > 700*time.Millisecond {
		t.Errorf("an order of another restaurant took %s", took)
	}
	if took := other.took(`insert into orders (restaurant_id, order_number) values ($1, 20231)`, h.a); took > 700*time.Millisecond {
		t.Errorf("an order with a number of its own took %s", took)
	}
	for range 2 {
		if took := other.took(`insert into orders (restaurant_id) values ($1)`, h.a); took < 500*time.Millisecond || took > 1500*time.Millisecond { // noisy machines
			t.Errorf("an order took %s", took)
		}
	}
	// Many in one transaction wait once.
	if took := other.took(`insert into orders (restaurant_id) select $1 from generate_series(1, 20)`, h.a); took > 1500*time.Millisecond {
		t.Errorf("20 orders took %s", took)
	}
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	holder.exec(`commit`)
	other.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	got := h.one(`select count(*) || ' ' || count(distinct (business_day, order_number)) || ' ' || max(order_number) filter (where order_number < 9000)
		from orders where restaurant_id = $1`, h.a)
	if got != "28 28 4" {
		t.Errorf("orders, different numbers, highest of the count: %s", got)
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

// An order, then its lines, is what every ORM does, while others change lines by themselves. Nothing of ours makes a deadlock of it.
func TestOrderThenLinesNeverDeadlocks(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A), ($B, $B);; insert into order_items (id, order_id, name) values ($A, $A, 'x'), ($B, $B, 'y')`); err != nil {
		t.Fatal(err)
	}
	one, two := h.session(), h.session()
	one.exec(`begin`)
	one.exec(`update orders set notes = 'one' where id = $1`, h.a)
	two.exec(`begin`)
	two.exec(`update order_items set notes = 'two' where id = $1`, h.a) // must not wait for the order
	done := make(chan error, 1)
	go func() {
		_, err := one.conn.Exec(context.Background(), `update order_items set quantity = 2 where id = $1`, h.a)
		done <- err
	}()
	two.exec(`commit`)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	one.exec(`commit`)
	if got := h.one(`select version::text from kitchen.order_versions where order_id = $1`, h.a); got != "4" {
		t.Errorf("version %s after four transactions", got)
	}
	// Two restaurants, from both ends.
	one.exec(`begin`)
	two.exec(`begin`)
	one.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	two.exec(`insert into orders (restaurant_id) values ($1)`, h.b)
	go func() {
		_, err := one.conn.Exec(context.Background(), `insert into orders (restaurant_id) values ($1)`, h.b)
		done <- err
	}()
	two.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	one.exec(`commit`)
	two.exec(`commit`)
}

// Sixteen writers of everything, in any order, over the same few orders. What waits for a row that another writer named may be a
// deadlock of the writers' own: each writes its rows in the order of their ids, so that there is none.
func TestSixteenWritersOfEverythingNeverDeadlock(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into restaurants (name) select 'r' || n from generate_series(1, 20) n;; insert into orders (restaurant_id) select id from restaurants;;
		insert into order_items (order_id, name) select id, 'x' from orders, generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	statements := []string{
		`insert into orders (restaurant_id) select id from (select id from restaurants order by random() limit 7) r`,
		`insert into orders (restaurant_id) select id from restaurants order by id desc`,
		`insert into order_items (order_id, name) select id, 'y' from (select id from orders order by random() limit 5) o`,
		`update orders set notes = random()::text where id = (select id from orders order by random() limit 1)`,
		`update order_items set quantity = quantity + 1 where id = (select id from order_items order by random() limit 1)`,
		`update order_items set notes = 'z' where id in (select id from order_items where order_id = (select id from orders order by random() limit 1) order by id for update)`,
	}
	var writers sync.WaitGroup
	for i := range 16 {
		s, rng := h.session(), rand.New(rand.NewPCG(uint64(i), 17))
		writers.Go(func() {
			for range 12 {
				_, err := s.conn.Exec(t.Context(), statements[rng.IntN(len(statements))])
				var pg *pgconn.PgError
				if errors.As(err, &pg) && pg.Code == "40P01" {
					t.Errorf("a deadlock: %s", pg.Detail)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if got := h.one(`select count(*)::text from (select from orders group by restaurant_id, business_day, order_number having count(*) > 1) x`); got != "0" {
		t.Errorf("%s numbers were given twice", got)
	}
}

// Somebody who holds a lock on a table of the kitchen's own delays a writer for a moment, once a transaction, and refuses nothing.
func TestWriterNeverWaitsForTheKitchen(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, writer := h.session(), h.session()
	writer.exec(`insert into orders (restaurant_id, order_number) values ($1, 1)`, h.a) // plans are made
	holder.exec(`begin`)
	holder.exec(`lock table kitchen.order_changes in access exclusive mode`)
	if took := writer.took(`insert into orders (restaurant_id, order_number) values ($1, 2)`, h.a); took > time.Second {
		t.Errorf("an order took %s", took)
	}
	if took := writer.took(`with o as (select id from orders where restaurant_id = $1) insert into order_items (order_id, name) select id, 'x' from o`, h.a); took > time.Second {
		t.Errorf("lines took %s", took)
	}
	if took := writer.took(`update orders set status = 'ready' where restaurant_id = $1`, h.a); took > time.Second {
		t.Errorf("a status took %s", took)
	}
	holder.exec(`rollback`)
	if got := h.one(`select count(*) || ' ' || (select count(*) from order_items) from orders where status = 'ready'`); got != "2 2" {
		t.Errorf("orders and lines: %s", got)
	}
	h.received()
	writer.exec(`update orders set status = 'preparing' where order_number = 2`)
	if got := h.received(); fmt.Sprint(got) != "[A order_status_changed preparing]" {
		t.Errorf("afterwards: %v", got)
	}
}

// Deletions and moves of what a ticket names go through, and the ticket stays as it was.
func TestTicketsAreRecords(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id, table_id, created_by) values ($A, $TABLE, $USER);;
		insert into order_items (order_id, menu_item_id, quantity) select id, $ITEM, 1.5 from orders;;
		insert into order_item_modifiers (order_item_id, modifier_option_id) select id, $OPTION from order_items`); err != nil {
		t.Fatal(err)
	}
	ticket := func() string {
		return h.one(`select concat_ws(' ', o.table_label, o.created_by_name, i.name, i.quantity, m.name, v.version)
			from kitchen.orders o join kitchen.order_versions v on v.order_id = o.id join kitchen.lines i on i.order_id = o.id join kitchen.modifiers m on m.line_id = i.id`)
	}
	before := ticket()
	if before != "T1 ana Soup 1.5 No onion 3" {
		t.Errorf("the ticket is %q", before)
	}
	for _, sql := range []string{
		`update users set restaurant_id = $B where id = $USER`, `delete from users where id = $USER`, `delete from tables where id = $TABLE`,
		`delete from menu_items where id = $ITEM`, `delete from modifier_options where id = $OPTION`,
		`update orders set status = status, table_id = table_id, created_by = created_by`, // an ORM that writes back what it has read
	} {
		if err := h.do(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		if after := ticket(); after != before {
			t.Errorf("after %s the ticket is %q, and was %q", sql, after, before)
		}
	}
	for _, name := range []string{"", "  ", "\t"} {
		if err := h.do(`insert into order_items (order_id, name) select id, '` + name + `' from orders`); err == nil {
			t.Errorf("a line is called %q", name)
		}
	}
	if err := h.do(`delete from restaurants where id = $A`); err != nil {
		t.Error(err)
	}
}

func TestTimeZonesAreThoseOfBrowsers(t *testing.T) {
	t.Parallel()
	h := open(t)
	for zone, taken := range map[string]bool{
		"UTC": true, "Europe/Rome": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+5": true,
		"GMT+5": false, "Rome": false, "Europe/Rom3": false, "europe/rome": false, "posix/Europe/Rome": false, "localtime": false, "CEST": false, "": false,
	} {
		err := h.do(`insert into restaurants (name, timezone) values ('x', '` + zone + `')`)
		if (err == nil) != taken {
			t.Errorf("%q: %v", zone, err)
		}
		if err := h.do(`update restaurants set timezone = '` + zone + `' where id = $A`); (err == nil) != taken {
			t.Errorf("%q, later: %v", zone, err)
		}
	}
	// One that the server has lost since refuses no order.
	if err := h.do(`alter table restaurants disable trigger user; update restaurants set timezone = 'Mars/Olympus' where id = $A; alter table restaurants enable trigger user`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`insert into orders (restaurant_id) values ($1) returning order_number::text`, h.a); got != "1" {
		t.Errorf("order %s", got)
	}
}
