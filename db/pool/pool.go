// Package pool is a pool of connections that can be given up as a whole, and knows whether they lead to the server itself.
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

// Pool is a pool of connections that can be given up as a whole. pgxpool keeps the place of a connection that died on a
// way that swallows packets until its farewell is over, which takes 15 s: after a fault of the network all places may be
// taken by the dying, while the database answers again.
type Pool struct {
	cfg *pgxpool.Config
	now atomic.Pointer[pgxpool.Pool]

	mu      sync.Mutex
	end     sync.Once
	ended   chan struct{}  // closed by Close
	closing sync.WaitGroup // of pools that were given up
	open    map[*connection]struct{}
}

// givenUp is how long a pool that was given up is still there for those who use it: longer than they are patient.
const givenUp = 20 * time.Second

// connection is one to the server, on its lowest level.
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

// WithoutPing is a context in which a connection that has lain idle is taken as it is. Else it is asked first whether it lives, which
// takes as long as asking what one wants to know: for those that ask again anyhow where a connection turns out to be dead.
func WithoutPing(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutPing{}, true)
}

// Replace begins with no connection at all. Who uses one of before may finish.
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
		// Not at once: that would fail those who wait for a connection of it.
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

// Pooled reports whether there is a pooler between: the next transaction may be another server process's, where what this
// one prepared is unknown. It connects, unless that has been done.
func (p *Pool) Pooled(ctx context.Context) (pooled bool, err error) {
	err = p.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		pooled = !IsDirect(c.Conn())
		return nil
	})
	return pooled, err
}

// PrepareNothing goes on with connections on which statements have no names. It costs the server the planning of each.
func (p *Pool) PrepareNothing() error {
	p.cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	return p.Replace()
}

// Close ends all connections, and waits for those in use; for those that were given up it does not.
func (p *Pool) Close() {
	p.end.Do(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(p.ended)
	})
	p.now.Load().Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Conn.Close() // its farewell ends, with an error that nobody reads
	}
	p.mu.Unlock()
	p.closing.Wait()
}

// Now is the pool of the moment.
func (p *Pool) Now() *pgxpool.Pool { return p.now.Load() }

// Reset ends the connections that are not in use.
func (p *Pool) Reset() { p.now.Load().Reset() }

func (p *Pool) Ping(ctx context.Context) error { return p.now.Load().Ping(ctx) }

func (p *Pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.now.Load().Query(ctx, sql, args...)
}

func (p *Pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.now.Load().QueryRow(ctx, sql, args...)
}

func (p *Pool) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return p.now.Load().SendBatch(ctx, b)
}

func (p *Pool) Begin(ctx context.Context) (pgx.Tx, error) { return p.now.Load().Begin(ctx) }

func (p *Pool) AcquireFunc(ctx context.Context, f func(*pgxpool.Conn) error) error {
	return p.now.Load().AcquireFunc(ctx, f)
}

// direct marks a connection that leads to the server itself.
const direct = "kitchen.direct"

// MarkDirect says that a connection leads to the server itself.
func MarkDirect(conn *pgx.Conn) { conn.PgConn().CustomData()[direct] = true }

// IsDirect reports whether that was said.
func IsDirect(conn *pgx.Conn) bool { return conn.PgConn().CustomData()[direct] != nil }
