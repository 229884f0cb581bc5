package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/local"
	"kitchen/db/order"
	"kitchen/notifier"
)

// scene is what a fault is injected into: restaurants with several displays each on several nodes, and writers.
type scene struct {
	*testing.T
	full   bool // the settings of production, and faults as long as the matrix says; else all is quicker
	rng    *rand.Rand
	url    string
	server *local.Server // of its own, or nil
	pool   *pgxpool.Pool
	truth  *db.DB

	tenants  []*faulttest.Tenant
	nodes    []*sceneNode
	displays []*faulttest.Display
	writers  *faulttest.Writers
	healed   time.Time
	remark   string

	afterNodes func() // or nil: ends what nodes need, before what is left behind is counted

	pace, commits time.Duration // before the fault: of a change to all displays, and of a commit
}

// sceneNode is a notifier, and the proxies between it and the server.
type sceneNode struct {
	n            *notifier.Notifier
	db           *db.DB
	listen, pool *faulttest.Proxy // nil where it is connected directly
	logged       *safeBuffer
	stop         func()
}

// subscriber hands a display the messages of a subscription, as a group of displays does.
type subscriber struct{ *faulttest.Display }

func (s subscriber) Deliver(m order.Message) {
	switch {
	case m.Kind == order.Replacement, m.Kind == order.Snapshot && !s.HasSnapshot(), m.Kind == order.Event && s.HasSnapshot():
		s.Receive(m.Document)
	}
	s.SetLive(m.Live)
}

// quick or full is one or the other of two durations.
func (s *scene) lasts(quick, full time.Duration) time.Duration {
	if s.full {
		return full
	}
	return quick
}

// node starts another node. Its connections go through proxies where that is asked for.
func (s *scene) node(url string, proxied bool, cfg notifier.Config) *sceneNode {
	s.Helper()
	node := &sceneNode{logged: &safeBuffer{}}
	listenURL, poolURL := url, url
	if proxied {
		node.listen, node.pool = faulttest.NewProxy(s, url), faulttest.NewProxy(s, url)
		listenURL, poolURL = node.listen.URL, node.pool.URL
	}
	var err error
	if node.db, err = db.Open(s.Context(), poolURL); err != nil {
		s.Fatal(err)
	}
	if !s.full {
		set := func(d *time.Duration, to time.Duration) {
			if *d == 0 {
				*d = to
			}
		}
		set(&cfg.CanaryEvery, 100*time.Millisecond)
		set(&cfg.DeafAfter, 1500*time.Millisecond)
		set(&cfg.GaugeEvery, 300*time.Millisecond)
		set(&cfg.CheckEvery, never)
	}
	cfg.DB = node.db
	if cfg.ListenURL == "" {
		cfg.ListenURL = listenURL
	}
	cfg.Log = slog.New(slog.NewTextHandler(node.logged, nil))
	if node.n, err = notifier.New(cfg); err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = node.n.Run(ctx)
	}()
	node.stop = sync.OnceFunc(func() { cancel(); <-done; node.db.Close() })
	s.Cleanup(node.stop)
	s.nodes = append(s.nodes, node)
	return node
}

func (s *scene) join(node *sceneNode, tenant *faulttest.Tenant) (*faulttest.Display, *notifier.Subscription) {
	d := faulttest.NewDisplay(fmt.Sprintf("display %d", len(s.displays)), tenant)
	subscription := node.n.Subscribe(tenant.ID, subscriber{d})
	subscription.Refresh()
	s.displays = append(s.displays, d)
	return d, subscription
}

// all waits until every display is live, or none is.
func (s *scene) all(live bool) {
	s.Helper()
	for _, d := range s.displays {
		s.until(d, live)
	}
}

func (s *scene) until(d *faulttest.Display, live bool) {
	s.Helper()
	if !d.Until(waitLimit, func() bool { return d.IsLive() == live }) {
		s.Fatalf("%s did not receive live:%t", d.Name, live)
	}
}

// exec runs one transaction. It and the writers may wait for each other; the one that PostgreSQL aborts for a deadlock tries again.
func (s *scene) exec(sql string, args ...any) {
	s.Helper()
	for {
		_, err := s.pool.Exec(context.Background(), sql, args...)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return
		case !errors.As(err, &refused) || refused.Code != "40P01":
			s.Fatalf("%s: %v", sql, err)
		}
	}
}

func (s *scene) query(sql string, args ...any) (text string) {
	s.Helper()
	if err := s.pool.QueryRow(context.Background(), sql, args...).Scan(&text); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
	return text
}

// write lets the writers go on: for a number of changes, or, in full, for a time.
func (s *scene) write(changes int, full time.Duration) {
	s.Helper()
	if s.full {
		s.pause(full)
		return
	}
	if !s.writers.AwaitCommits(changes, waitLimit) {
		s.Fatalf("the writers do not get on: %v", s.writers.Example())
	}
}

// pause lets a fault last. No signal could be waited for, because in a fault nothing happens.
func (s *scene) pause(d time.Duration) { time.Sleep(d) }

// heal notes that the fault is over now.
func (s *scene) heal() { s.healed = time.Now() }

func openDB(t testing.TB, url string) (*db.DB, error) {
	d, err := db.Open(t.Context(), url)
	if err == nil {
		t.Cleanup(d.Close)
	}
	return d, err
}

// forReading makes a role that reads as a node does. It owns the orders and their view, so that row-level security which is forced
// on their owner holds for what the view shows.
func forReading(role string) string {
	return `create role ` + role + ` login; grant usage on schema kitchen to ` + role + `; grant select on all tables in schema kitchen to ` + role + `;
		grant select on tables, users to ` + role + `; grant execute on function kitchen.line_stations, kitchen.route_line to ` + role + `;
		alter table orders owner to ` + role + `; alter view kitchen.orders owner to ` + role + `; alter view kitchen.order_rows owner to ` + role
}
