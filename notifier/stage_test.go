package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/dbtest/faulttest"
	"kitchen/notifier"
)

// stage is the displays of one history, which come and go.
type stage struct {
	*historian
	tenants []*faulttest.Tenant

	mu      sync.Mutex
	present []present
	left    []*faulttest.Display
	n       int
}

type present struct {
	display      *faulttest.Display
	subscription *notifier.Subscription
}

func (s *stage) join(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tenant := s.tenants[i%len(s.tenants)]
	d := faulttest.NewDisplay(fmt.Sprintf("display %d", s.n), tenant)
	s.n++
	subscription := s.node.n.Subscribe(tenant.ID, subscriber{d})
	subscription.Refresh()
	s.present = append(s.present, present{d, subscription})
}

func (s *stage) leave(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.present) > 1 {
		i %= len(s.present)
		s.present[i].subscription.Unsubscribe()
		s.left = append(s.left, s.present[i].display)
		s.present = append(s.present[:i:i], s.present[i+1:]...)
	}
}

func (s *stage) leaveAll() {
	for _, p := range s.present {
		p.subscription.Unsubscribe()
	}
}

func (s *stage) displays() (all []*faulttest.Display) {
	for _, p := range s.present {
		all = append(all, p.display)
	}
	return all
}

func (s *stage) everybody() []*faulttest.Display { return append(s.displays(), s.left...) }

// take does one step. What the database refuses, because of another writer, say, has not happened, and is no failure.
func (s *stage) take(st step) {
	s.steps.Add(1)
	switch st.kind {
	case "join":
		s.join(st.a)
	case "leave":
		s.leave(st.a)
	case "end_listener":
		s.exec(endListener)
	case "end_all":
		s.exec(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'kitchen%'`)
	case "hole":
		if st.b > 2 {
			return
		}
		s.node.listen.Blackhole.Store(true)
		time.Sleep(time.Duration(st.a) * 20 * time.Millisecond) // the fault's length
		s.node.listen.Cut()                                     // a connection that goes on after it lost something is none: that is the matrix's F11
		s.node.listen.Blackhole.Store(false)
	case "deaf":
		if st.b > 0 { // seldom, because who waits for an answer waits for seconds
			return
		}
		s.node.pool.Blackhole.Store(true)
		time.Sleep(time.Duration(st.a) * 10 * time.Millisecond)
		s.node.pool.Blackhole.Store(false)
	case "swallow_cut":
		s.node.pool.Cut()
	case "truncate":
		if st.a+st.b+st.c == 0 { // now and then
			s.exec(s.truncate)
		}
	default:
		for _, t := range []*faulttest.Tenant{s.tenants[st.a%len(s.tenants)]} {
			s.exec(s.sql(st, t, s.tenants[(st.a+1)%len(s.tenants)]))
		}
	}
}

func (s *stage) exec(sql string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := s.pool.Exec(ctx, sql); err != nil {
		s.refused.Add(1)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "42") || strings.HasPrefix(pg.Code, "22")) {
			panic(fmt.Sprintf("a history's SQL is wrong: %v: %s", err, sql))
		}
	}
}

// sqlOf is the SQL of a change: t is its restaurant, and other another one, or the same where there is one only.
func sqlOf(st step, t, other *faulttest.Tenant) string {
	// The b-th open order, the c-th line of it; where there is none, nothing happens.
	order := fmt.Sprintf(`(select id from orders where restaurant_id = '%s' and status <> 'cancelled' order by created_at, id offset %d limit 1)`, t.ID, st.b)
	line := fmt.Sprintf(`(select id from order_items where order_id = %s order by position, id offset %d limit 1)`, order, st.c%3)
	text := fmt.Sprintf("%s %d", t.Canary, st.b*6+st.c)
	status := []string{"pending", "preparing", "ready", "completed", "cancelled", "ready"}[st.c]
	insert := fmt.Sprintf(`insert into orders (restaurant_id, notes) values ('%s', '%s')`, t.ID, text)
	switch st.kind {
	case "insert":
		return insert
	case "insert_cte":
		return fmt.Sprintf(`with o as (%s returning id), i as (insert into order_items (restaurant_id, order_id, name) select '%s', id, '%s' from o returning id)
			insert into order_item_modifiers (restaurant_id, order_item_id, name) select '%s', id, 'hot' from i`, insert, t.ID, text, t.ID)
	case "insert_tx":
		return fmt.Sprintf(`do $$ declare o uuid; begin %s returning id into o; insert into order_items (order_id, name) values (o, '%s'), (o, 'two');
			update orders set priority = %d where id = o; end $$`, insert, text, st.c)
	case "status":
		return fmt.Sprintf(`update orders set status = '%s' where id = %s`, status, order)
	case "recall":
		return fmt.Sprintf(`update orders set status = 'preparing' where id = (select id from orders where restaurant_id = '%s' and status in ('completed', 'cancelled') order by id limit 1)`, t.ID)
	case "notes":
		return fmt.Sprintf(`update orders set notes = '%s', customer_name = '%s' where id = %s`, text, text, order)
	case "no_change":
		return fmt.Sprintf(`update orders set notes = notes, updated_at = now() where restaurant_id = '%s'`, t.ID)
	case "line":
		return fmt.Sprintf(`insert into order_items (order_id, name, restaurant_id) select id, '%s', restaurant_id from orders where id = %s`, text, order)
	case "line_update":
		return fmt.Sprintf(`update order_items set quantity = quantity %% 9 + 1, notes = '%s' where id = %s`, text, line)
	case "line_delete":
		return fmt.Sprintf(`delete from order_items where id = %s`, line)
	case "line_move":
		return fmt.Sprintf(`update order_items set order_id = coalesce((select id from orders where restaurant_id = '%s' order by id desc limit 1), order_id) where id = %s`, t.ID, line)
	case "modifier":
		return fmt.Sprintf(`insert into order_item_modifiers (order_item_id, name, restaurant_id) select id, 'no onion', restaurant_id from order_items where id = %s`, line)
	case "modifier_delete":
		return fmt.Sprintf(`delete from order_item_modifiers where order_item_id = %s`, line)
	case "delete":
		return fmt.Sprintf(`delete from orders where id = %s`, order)
	case "move": // without its lines, whose texts are the old tenant's
		return fmt.Sprintf(`do $$ declare o uuid := %s; begin
			perform from orders where id = o for update; -- nobody adds a line meanwhile
			delete from order_items where order_id = o; update orders set restaurant_id = '%s', notes = '%s', customer_name = '' where id = o; end $$`, order, other.ID, other.Canary)
	case "bulk_insert":
		return fmt.Sprintf(`insert into orders (restaurant_id, notes) select '%s', '%s' from generate_series(1, %d)`, t.ID, text, 20+st.c*10)
	case "bulk_update":
		return fmt.Sprintf(`update orders set status = '%s', priority = priority + 1 where restaurant_id = '%s'`, status, t.ID)
	case "bulk_delete":
		return fmt.Sprintf(`delete from orders where restaurant_id = '%s' and order_number %% 3 = %d`, t.ID, st.c%3)
	case "rollback":
		return fmt.Sprintf(`begin; %s; update orders set notes = 'never' where restaurant_id = '%s'; delete from order_items where id = %s; rollback`, insert, t.ID, line)
	case "savepoint":
		return fmt.Sprintf(`begin; update orders set priority = %d where id = %s; savepoint s; update orders set notes = 'never' where restaurant_id = '%s'; rollback to s; %s; commit`, st.c, order, t.ID, insert)
	case "exception":
		return fmt.Sprintf(`do $$ begin begin delete from orders where restaurant_id = '%s'; raise exception 'x'; exception when others then null; end; %s; end $$`, t.ID, insert)
	case "conflict":
		return fmt.Sprintf(`insert into orders (restaurant_id, external_id, notes) values ('%s', 'e%d', '%s') on conflict (restaurant_id, external_id) do %s`, t.ID, st.b, text,
			[]string{"nothing", "update set notes = excluded.notes"}[st.c%2])
	case "menu":
		return fmt.Sprintf(`update menu_items set name = name || '.' where restaurant_id = '%s'`, t.ID)
	}
	panic("unknown step " + st.kind)
}
