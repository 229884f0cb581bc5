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
	"kitchen/db/dbtest/faulttest"
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
		prepare:  func(t *testing.T, url string) { faulttest.Tenants(t, dbtest.Pool(t, url), 0) },
		tenant:   faulttest.NewTenant,
		sql:      sqlOf,
		truncate: `truncate orders cascade`,
		forget:   `delete from restaurants`,
	})
}

// stock is the tables that histories are about: how they are made ready, and the SQL of changes.
type stock struct {
	prepare          func(t *testing.T, url string)
	tenant           func(context.Context, *pgxpool.Pool) (*faulttest.Tenant, error)
	sql              func(st step, t, other *faulttest.Tenant) string
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
	h.node = s.node(url, true, notifier.Config{CanaryEvery: 50 * time.Millisecond, DeafAfter: time.Second, UnwatchAfter: time.Nanosecond})
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
	tenants := make([]*faulttest.Tenant, rapid.IntRange(1, 3).Draw(t, "restaurants"))
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
	_, differ := faulttest.Converge(context.Background(), h.db, tenants, audience.displays(), 3*waitLimit)
	for _, d := range audience.everybody() {
		differ = append(differ, d.Wrong()...)
	}
	if invented, err := faulttest.NeverCommitted(context.Background(), h.pool, audience.everybody()); err != nil {
		t.Fatal(err)
	} else {
		differ = append(differ, invented...)
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

func (h *historian) newTenant() (*faulttest.Tenant, error) {
	for { // a fault of another history may be over only now
		tenant, err := h.tenant(context.Background(), h.pool)
		var pg *pgconn.PgError
		if err == nil || errors.As(err, &pg) && pg.Code != "57P01" {
			return tenant, err
		}
		h.pool.Reset()
	}
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
