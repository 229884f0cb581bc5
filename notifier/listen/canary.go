package listen

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"kitchen/db"
)

// errDeaf ends a session whose connection brings no notifications any more although it has not failed: it may be half-open.
var errDeaf = errors.New("a notification that was committed has not arrived")

// canary is a notification of our own. While canaries arrive, so do the notifications of others.
type canary struct {
	nonce   string        // the payload, which nobody can guess
	arrived chan struct{} // closed when it has arrived
}

// sendCanaries sends one canary after the other, each second and whenever channels change, until one that was committed does not
// arrive in time. It sends them through the pool, so that they take the way of any writer's notifications. It returns why it
// stopped.
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

// commit sends a canary and waits until it is committed, which it tries again and again. An attempt may time out for three
// reasons:
//
//   - The pool's connection is broken without an error. Then the next attempt, on another one, succeeds.
//   - The database is away. Then it does not answer a question either, and the session ends.
//   - Writes are blocked: a synchronous standby is missing, say, or a transaction hangs that holds the lock which every notifying
//     commit takes. The database answers questions. Notifications would arrive, so the session goes on, and its log says once
//     what is wrong: to connect again would only lengthen the queue for that lock.
func (l *Listener) commit(ctx context.Context, c *canary) error {
	blocked := false // the log says that writes are blocked
	warn := func(why string, args ...any) {
		if !blocked {
			l.log.Warn("writes are blocked: "+why, args...)
		}
		blocked = true
	}
	timeouts := 0
	for {
		err, timedOut := l.tryCommit(ctx, c)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			if blocked {
				l.log.Info("writes are not blocked any more")
			}
			return nil
		case db.Blocked(err):
			warn("another transaction holds the lock of all notifying commits", "err", err)
			continue
		case !timedOut:
			return err
		}
		select {
		case <-c.arrived: // it was committed, and only the answer was lost
			return nil
		default:
		}
		if err := l.askForAnswer(ctx); err != nil {
			return fmt.Errorf("the database does not answer: %w", err)
		}
		timeouts++
		if timeouts > 1 { // a single one may come from a broken connection
			warn("commits hang, though the database answers; look for wait events SyncRep and Lock in pg_stat_activity")
		}
	}
}

// tryCommit tries once. It takes three fifths of the time in which deafness has to be noticed, and leaves the rest to
// askForAnswer.
func (l *Listener) tryCommit(ctx context.Context, c *canary) (err error, timedOut bool) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*3/5)
	defer cancel()
	err = l.cfg.DB.Notify(ctx, l.control, c.nonce)
	return err, ctx.Err() != nil
}

// askForAnswer asks the database the time, to see whether it answers.
func (l *Listener) askForAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*2/5)
	defer cancel()
	_, err := l.cfg.DB.Now(ctx)
	return err
}
