package listen

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// connectTimeout bounds one attempt to connect, of which maxAttempts may be under way.
	connectTimeout = 5 * time.Second
	maxAttempts    = 5
	attemptEvery   = time.Second
)

// connect makes a connection. A way that swallows packets must not hold us for long, and a slow one needs time: so while no
// attempt has succeeded, another begins each second, and the first that succeeds is taken. Where all that are under way have
// failed it returns the last error.
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
