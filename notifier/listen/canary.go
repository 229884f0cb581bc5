package listen

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

// canary is a notification of our own, by which we know that those of others would arrive.
type canary struct {
	nonce   string
	arrived chan struct{} // closed when it has
}

// sendCanaries sends canaries, one a second and one whenever channels change, through the pool and so on the way of any
// writer's notifications, until one that was committed does not arrive in time. It returns why it stopped.
func (l *Listener) sendCanaries(ctx context.Context) error {
	every := time.NewTicker(l.cfg.CanaryEvery)
	defer every.Stop()
	for {
		if err := l.sendCanary(ctx); err != nil {
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

func (l *Listener) sendCanary(ctx context.Context) error {
	c, began := &canary{rand.Text(), make(chan struct{})}, time.Now()
	l.mu.Lock()
	l.canary = c
	l.mu.Unlock()

	if err := l.commit(ctx, c); err != nil || ctx.Err() != nil {
		return err
	}
	timer := time.NewTimer(l.cfg.DeafAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-c.arrived:
		l.cfg.Meter.Canary(time.Since(began))
		return nil
	case <-timer.C:
		return errDeaf
	}
}

// canaryArrived reports whether a notification is the canary that is on its way.
func (l *Listener) canaryArrived(payload string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.canary == nil || payload != l.canary.nonce {
		return false
	}
	close(l.canary.arrived)
	l.canary = nil
	return true
}

// commit sends a canary and waits until it is committed. Where that takes long there are three reasons:
//
//   - The connection of the pool is dead and does not say so. Then the next attempt, on another one, succeeds.
//   - The database is away. Then it does not answer a question either, and the session ends.
//   - Writes are blocked, by a missing synchronous standby, say, or by a transaction that hangs while it holds the lock that
//     every notifying commit takes. The database answers questions. We are not deaf then, and to connect again would only
//     lengthen the queue for that lock: we say so once, and keep trying.
func (l *Listener) commit(ctx context.Context, c *canary) error {
	said := false // that writes are blocked
	say := func(why string, args ...any) {
		if !said {
			l.log.Warn("writes are blocked: "+why, args...)
		}
		said = true
	}
	for hung := 0; ; {
		err, timedOut := l.tryCommit(ctx, c)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			if said {
				l.log.Info("writes are not blocked any more")
			}
			return nil
		case db.Blocked(err):
			say("another transaction holds the lock of all notifying commits", "err", err)
			continue
		case !timedOut:
			return err
		}
		select {
		case <-c.arrived: // it was committed, whatever became of the answer
			return nil
		default:
		}
		if err := l.askForAnswer(ctx); err != nil {
			return fmt.Errorf("the database does not answer: %w", err)
		}
		if hung++; hung == 2 { // the first may have been a dead connection
			say("commits hang, though the database answers; look for wait events SyncRep and Lock in pg_stat_activity")
		}
	}
}

// tryCommit takes, with the question after it, no longer than it may take to notice that we are deaf.
func (l *Listener) tryCommit(ctx context.Context, c *canary) (err error, timedOut bool) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*3/5)
	defer cancel()
	err = l.cfg.DB.Notify(ctx, l.control, c.nonce)
	return err, ctx.Err() != nil
}

func (l *Listener) askForAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*2/5)
	defer cancel()
	_, err := l.cfg.DB.Now(ctx)
	return err
}
