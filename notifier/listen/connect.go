package listen

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	connectTimeout = 5 * time.Second // of all attempts together
	maxAttempts    = 5               // under way at one time
	attemptEvery   = time.Second
)

// connect makes a connection. A network that swallows packets would let one attempt hang, so another begins each second while none
// has succeeded. The first that succeeds is taken. If all that were begun have failed, connect returns the last error.
func (l *Listener) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	type outcome struct {
		conn *pgx.Conn
		err  error
	}
	outcomes := make(chan outcome)
	again := time.NewTicker(attemptEvery)
	defer again.Stop()
	underWay := 0
	attempt := func() {
		underWay++
		go func() {
			conn, err := l.dial(ctx)
			outcomes <- outcome{conn, err}
		}()
	}
	attempt()
	for {
		select {
		case <-again.C:
			if underWay < maxAttempts {
				attempt()
			}
		case o := <-outcomes:
			underWay--
			if o.err != nil && underWay > 0 {
				continue
			}
			cancel()
			for ; underWay > 0; underWay-- {
				if late := <-outcomes; late.err == nil {
					_ = late.conn.Close(ctx)
				}
			}
			return o.conn, o.err
		}
	}
}
