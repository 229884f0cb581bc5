package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"kitchen/db"
)

// errDeaf ends a session whose connection brings no notifications any more, though none has failed: half-open, say.
var errDeaf = errors.New("a notification that was committed has not arrived")

// fly sends canaries, one a second and one whenever channels change, through the pool and so on the way of any writer's
// notifications, until one that was committed is not heard in time. It returns why it stopped.
func (l *listener) fly(ctx context.Context) error {
	every := time.NewTicker(l.cfg.CanaryEvery)
	defer every.Stop()
	for {
		if err := l.canary(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.nudges:
		case <-every.C:
		}
	}
}

func (l *listener) canary(ctx context.Context) error {
	nonce, heard, began := rand.Text(), make(chan struct{}), time.Now()
	l.mu.Lock()
	l.nonce, l.heard = nonce, heard
	l.mu.Unlock()

	if err := l.commit(ctx, nonce, heard); err != nil || ctx.Err() != nil {
		return err
	}
	timer := time.NewTimer(l.cfg.DeafAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-heard:
		l.cfg.Meter.Canary(time.Since(began))
		return nil
	case <-timer.C:
		return errDeaf
	}
}

// commit sends the canary and waits until it is committed. While that takes long it finds out why. It may be the connection,
// of the pool, which is dead and does not say so: then another one succeeds. Or writes are blocked, by a missing
// synchronous standby, say, or by a transaction that hangs with the lock that every notifying commit takes, while the
// database answers otherwise: that is not our deafness, and connecting again would only add to the queue.
func (l *listener) commit(ctx context.Context, nonce string, heard <-chan struct{}) error {
	for hung := 0; ; hung++ {
		// With the question below no longer than it may take to notice.
		attempt, giveUp := context.WithTimeout(ctx, l.cfg.DeafAfter*3/5)
		err := l.cfg.DB.Notify(attempt, l.control, nonce)
		timedOut := attempt.Err() != nil
		giveUp()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			if hung > 1 {
				l.log.Info("writes are not blocked any more")
			}
			return nil
		case db.Blocked(err):
			if hung <= 1 {
				l.log.Warn("writes are blocked: another transaction holds the lock of all notifying commits", "err", err)
			}
			hung = max(hung, 1)
			continue
		case !timedOut:
			return err
		}
		select {
		case <-heard: // whatever became of the answer
			return nil
		default:
		}
		probe, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*2/5)
		_, err = l.cfg.DB.Now(probe)
		cancel()
		if err != nil {
			return fmt.Errorf("the database does not answer: %w", err)
		}
		if hung == 1 {
			l.log.Warn("writes are blocked: commits hang, though the database answers; look for wait events SyncRep and Lock in pg_stat_activity")
		}
	}
}
