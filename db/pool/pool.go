// Package pool is a pool of connections that can be replaced as a whole, and knows whether they lead to the server itself.
package pool

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool is a pool of connections that can be replaced as a whole. pgxpool counts a dead connection as in use until closing it has timed
// out, which takes 15 s where the network drops packets. After such a fault all of a pool's connections may be dead while the database
// answers again.
type Pool struct {
	cfg *pgxpool.Config
	now atomic.Pointer[pgxpool.Pool]

	mu      sync.Mutex
	end     sync.Once
	ended   chan struct{}  // closed by Close
	closing sync.WaitGroup // of pools that were replaced
	open    map[*connection]struct{}
}

// givenUp is how long a replaced pool is kept for those that still use it: longer than any of their timeouts.
const givenUp = 20 * time.Second

// connection is a network connection to the server.
type connection struct {
	net.Conn
	pool *Pool
}

func (c *connection) Close() error {
	c.pool.mu.Lock()
	delete(c.pool.open, c)
	c.pool.mu.Unlock()
	return c.Conn.Close()
}

// New is a pool with this configuration.
func New(ctx context.Context, cfg *pgxpool.Config) (*Pool, error) {
	cfg.ShouldPing = func(ctx context.Context, idle pgxpool.ShouldPingParams) bool {
		return idle.IdleDuration > time.Second && ctx.Value(withoutPing{}) == nil
	}
	p := &Pool{cfg: cfg, ended: make(chan struct{}), open: map[*connection]struct{}{}}
	dial := cfg.ConnConfig.DialFunc
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &connection{conn, p}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open[c] = struct{}{}
		return c, nil
	}
	first, err := pgxpool.NewWithConfig(ctx, cfg.Copy())
	if err != nil {
		return nil, err
	}
	p.now.Store(first)
	return p, nil
}

type withoutPing struct{}

// WithoutPing returns a context in which an idle connection is used without a ping before, which takes as long as a query. It is for
// callers that ask again where a connection turns out to be dead.
func WithoutPing(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutPing{}, true)
}

// Replace goes on with a new, empty pool. Queries on connections of the old one may finish.
func (p *Pool) Replace() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.ended:
		return nil
	default:
	}
	next, err := pgxpool.NewWithConfig(context.Background(), p.cfg.Copy())
	if err != nil {
		return fmt.Errorf("replace the pool: %w", err)
	}
	old := p.now.Swap(next)
	old.Reset()
	p.closing.Go(func() {
		// Not at once, because that would fail callers that wait for one of its connections.
		timer := time.NewTimer(givenUp)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.ended:
		}
		old.Close()
	})
	return nil
}

// Pooled reports whether the connections go through a pooler, which may give the next transaction to another server process, without
// the statements that this one prepared. It connects if there is no connection yet.
func (p *Pool) Pooled(ctx context.Context) (pooled bool, err error) {
	err = p.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		pooled = !IsDirect(c.Conn())
		return nil
	})
	return pooled, err
}

// PrepareNothing goes on with connections that prepare no statements under names. The server then plans each statement anew.
func (p *Pool) PrepareNothing() error {
	p.cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	return p.Replace()
}

// Close ends all connections, and waits for those in use, but not for those of replaced pools.
func (p *Pool) Close() {
	p.end.Do(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.ended)
	})
	p.now.Load().Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Conn.Close() // so that pgx stops waiting for it; nobody reads the error
	}
	p.mu.Unlock()
	p.closing.Wait()
}

// Now is the current pool.
func (p *Pool) Now() *pgxpool.Pool { return p.now.Load() }

// Reset ends the connections that are not in use.
func (p *Pool) Reset() { p.now.Load().Reset() }

// Ping and the methods below are those of [pgxpool.Pool], on the current pool.

// Ping asks the server for a sign of life.
func (p *Pool) Ping(ctx context.Context) error { return p.now.Load().Ping(ctx) }

// Query sends a query; its error may come with the rows.
func (p *Pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.now.Load().Query(ctx, sql, args...)
}

// QueryRow sends a query for one row; its error comes with Scan.
func (p *Pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.now.Load().QueryRow(ctx, sql, args...)
}

// SendBatch sends statements in one round trip, as one implicit transaction. The results must be closed.
func (p *Pool) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return p.now.Load().SendBatch(ctx, b)
}

// Begin begins a transaction.
func (p *Pool) Begin(ctx context.Context) (pgx.Tx, error) { return p.now.Load().Begin(ctx) }

// AcquireFunc calls f with a connection that nobody else uses meanwhile.
func (p *Pool) AcquireFunc(ctx context.Context, f func(*pgxpool.Conn) error) error {
	return p.now.Load().AcquireFunc(ctx, f)
}

// direct marks a connection that leads to the server itself.
const direct = "kitchen.direct"

// MarkDirect says that a connection leads to the server itself.
func MarkDirect(conn *pgx.Conn) { conn.PgConn().CustomData()[direct] = true }

// IsDirect reports whether [MarkDirect] was called for a connection.
func IsDirect(conn *pgx.Conn) bool { return conn.PgConn().CustomData()[direct] != nil }
