package listen

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// While one attempt to connect hangs, another that fails ends nothing.
func TestFirstConnectionThatSucceedsIsTaken(t *testing.T) {
	l := New(Config{URL: "x"})
	failed, conn := make(chan struct{}), &pgx.Conn{}
	attempts := make(chan int, maxAttempts)
	attempts <- 1
	l.dial = func(ctx context.Context) (*pgx.Conn, error) {
		select {
		case <-attempts: // the first hangs until another has failed
			select {
			case <-failed:
				return conn, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		default:
		}
		defer time.AfterFunc(50*time.Millisecond, func() { close(failed) })
		return nil, errors.New("refused")
	}
	got, err := l.connect(t.Context())
	if got != conn || err != nil {
		t.Errorf("%p, %v: the attempt that failed was taken", got, err)
	}

	l.dial = func(context.Context) (*pgx.Conn, error) { return nil, errors.New("refused") }
	if _, err := l.connect(t.Context()); err == nil || err.Error() != "refused" {
		t.Errorf("all attempts failed, and it says %v", err)
	}
}
