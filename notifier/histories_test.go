package notifier_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/dbtest/witness"
	"kitchen/notifier"
)

// TestRandomHistories has several writers execute random SQL at once, while displays join and leave and faults happen, and
// then asks whether every display shows what the database holds. The database is the model.
//
// A failing history is made smaller, and printed with the seed that makes it again: -rapid.seed. `make histories` runs
// thousands, with -histories. Each of a few workers has a database and a node of its own, so that a history meets its own
// faults alone.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	runHistories(t, 4, &stock{
		prepare:  func(t *testing.T, url string) { witness.Tenants(t, dbtest.Pool(t, url), 0) },
		tenant:   witness.NewTenant,
		sql:      sqlOf,
		truncate: `truncate orders cascade`,
		forget:   `delete from restaurants`,
	})
}

// stock is the tables that histories are about: how they are made ready, and the SQL of changes.
type stock struct {
	prepare          func(t *testing.T, url string)
	tenant           func(context.Context, *pgxpool.Pool) (*witness.Tenant, error)
	sql              func(st step, t, other *witness.Tenant) string
	truncate, forget string
}

func runHistories(t *testing.T, workers int, about *stock) {
	seed, err := histories()
	if err != nil {
		t.Fatal(err)
	}
	for i := range workers {
		t.Run(fmt.Sprintf("worker_%d", i), func(t *testing.T) {
			t.Parallel()
			h := newHistorian(t, i, about)
			began := time.Now()
			defer func() {
				t.Logf("seed %s: %d histories, %d steps, %d refused, in %v",
					seed, h.histories, h.steps.Load(), h.refused.Load(), time.Since(began).Round(time.Second))
			}()
			rapid.Check(t, h.history)
		})
	}
}

// historian runs histories, one after the other, in one database.
type historian struct {
	*stock
	url  string
	pool *pgxpool.Pool
	node *sceneNode
	db   *db.DB
	skip int // draws that are thrown away, so that workers of one seed differ

	histories      int
	steps, refused atomic.Int64
}

func newHistorian(t *testing.T, skip int, about *stock) *historian {
	url := dbtest.New(t)
	about.prepare(t, url)
	s := &scene{T: t, url: url}
	h := &historian{stock: about, url: url, pool: dbtest.Pool(t, url), skip: skip}
	var err error
	if h.db, err = openDB(t, url); err != nil {
		t.Fatal(err)
	}
	h.node = s.node(url, true, notifier.Config{CanaryEvery: 50 * time.Millisecond, DeafAfter: time.Second, Linger: time.Nanosecond})
	return h
}

// step is what one writer does: a statement or a transaction, about the restaurants, orders and lines of its numbers.
type step struct {
	kind    string
	a, b, c int
}

// kinds of steps. Faults are rarer than changes, so they stand once among many.
func stepKinds() []string {
	kinds := []string{
		"insert", "insert", "insert", "insert", "insert_cte", "insert_cte", "insert_tx", "insert_tx",
		"status", "status", "status", "status", "status", "status", "notes", "line", "line", "line_update", "line_delete", "line_move",
		"modifier", "modifier_delete", "delete", "move", "move", "bulk_insert", "bulk_update", "bulk_delete", "rollback", "savepoint", "exception",
		"conflict", "conflict", "no_change", "recall", "menu", "truncate",
	}
	return append(kinds, "end_listener", "end_all", "hole", "deaf", "swallow_cut", "join", "join", "join", "leave", "leave")
}

func (h *historian) history(t *rapid.T) {
	h.histories++
	for range h.skip {
		rapid.Uint64().Draw(t, "skipped")
	}
	tenants := make([]*witness.Tenant, rapid.IntRange(1, 3).Draw(t, "restaurants"))
	for i := range tenants {
		tenant, err := h.newTenant()
		if err != nil {
			t.Fatal(err)
		}
		tenants[i] = tenant
	}
	draw := rapid.Custom(func(t *rapid.T) step {
		return step{rapid.SampledFrom(stepKinds()).Draw(t, "kind"), rapid.IntRange(0, 5).Draw(t, "a"), rapid.IntRange(0, 5).Draw(t, "b"), rapid.IntRange(0, 5).Draw(t, "c")}
	})
	writers := make([][]step, rapid.IntRange(1, 3).Draw(t, "writers"))
	for i := range writers {
		writers[i] = rapid.SliceOfN(draw, 1, 14).Draw(t, fmt.Sprintf("writer %d", i))
	}
	audience := &stage{historian: h, tenants: tenants}
	defer audience.leaveAll()
	for i := range tenants {
		audience.join(i)
	}
	var writing sync.WaitGroup
	for _, steps := range writers {
		writing.Go(func() {
			for _, s := range steps {
				audience.take(s)
			}
		})
	}
	writing.Wait()
	audience.join(0) // one that comes last
	_, differ := witness.Converge(context.Background(), h.db, tenants, audience.displays(), 3*patience)
	for _, d := range audience.everybody() {
		differ = append(differ, d.Wrong()...)
	}
	if phantoms, err := witness.Phantoms(context.Background(), h.pool, audience.everybody()); err != nil {
		t.Fatal(err)
	} else {
		differ = append(differ, phantoms...)
	}
	if len(differ) > 0 {
		lines := strings.Split(strings.TrimSpace(h.node.logged.String()), "\n")
		t.Fatalf("%s\nthe end of the node's log:\n%s", strings.Join(differ, "\n"), strings.Join(lines[max(0, len(lines)-15):], "\n"))
	}
	if h.histories%50 == 0 {
		_, _ = h.pool.Exec(context.Background(), `truncate noted_versions`)
		_, _ = h.pool.Exec(context.Background(), h.forget)
	}
}

func (h *historian) newTenant() (*witness.Tenant, error) {
	for { // a fault of another history may be over only now
		tenant, err := h.tenant(context.Background(), h.pool)
		var pg *pgconn.PgError
		if err == nil || errors.As(err, &pg) && pg.Code != "57P01" {
			return tenant, err
		}
		h.pool.Reset()
	}
}

// stage is the displays of one history, which come and go.
type stage struct {
	*historian
	tenants []*witness.Tenant

	mu      sync.Mutex
	present []present
	left    []*witness.Display
	n       int
}

type present struct {
	display      *witness.Display
	subscription *notifier.Subscription
}

func (s *stage) join(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tenant := s.tenants[i%len(s.tenants)]
	d := witness.NewDisplay(fmt.Sprintf("display %d", s.n), tenant)
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

func (s *stage) displays() (all []*witness.Display) {
	for _, p := range s.present {
		all = append(all, p.display)
	}
	return all
}

func (s *stage) everybody() []*witness.Display { return append(s.displays(), s.left...) }

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
		s.node.listen.Hole.Store(true)
		time.Sleep(time.Duration(st.a) * 20 * time.Millisecond) // the fault's length
		s.node.listen.Cut()                                     // a connection that goes on after it lost something is none: that is the matrix's F11
		s.node.listen.Hole.Store(false)
	case "deaf":
		if st.b > 0 { // seldom, because who waits for an answer waits for seconds
			return
		}
		s.node.pool.Hole.Store(true)
		time.Sleep(time.Duration(st.a) * 10 * time.Millisecond)
		s.node.pool.Hole.Store(false)
	case "swallow_cut":
		s.node.pool.Cut()
	case "truncate":
		if st.a+st.b+st.c == 0 { // now and then
			s.exec(s.truncate)
		}
	default:
		for _, t := range []*witness.Tenant{s.tenants[st.a%len(s.tenants)]} {
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
func sqlOf(st step, t, other *witness.Tenant) string {
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

// histories has each worker run a quarter of the histories that are wanted, from a seed that is said; once, because rapid's flags are the
// whole program's.
var histories = sync.OnceValues(func() (seed string, err error) {
	n, err := strconv.Atoi(flagged(historiesFlag))
	if err != nil {
		return "", err
	}
	seed = flagged("rapid.seed")
	if seed == "0" {
		seed = fmt.Sprint(rand.Uint64() >> 1)
	}
	for name, value := range map[string]string{"rapid.checks": fmt.Sprint((n + 3) / 4), "rapid.seed": seed, "rapid.nofailfile": "true"} {
		err = errors.Join(err, flag.Set(name, value))
	}
	return seed, err
})
