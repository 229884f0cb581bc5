package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/examine"
)

// Checks of a notification's way from a writer's commit to the listening connection.

func (x *examination) checkPooler(ctx context.Context) {
	pooled, err := x.pool.Pooled(ctx)
	if err != nil {
		x.failed("pooler", err)
		return
	}
	if !pooled {
		x.add("pooler", Fine, "none before DATABASE_URL", "")
		return
	}
	if err := x.pool.PreparedStatements(ctx); err != nil {
		x.add("pooler", wrong, "there is a pooler before DATABASE_URL that loses prepared statements, so reads would fail ("+err.Error()+")",
			"set max_prepared_statements in PgBouncer 1.21 or later, or take default_query_exec_mode out of DATABASE_URL")
		return
	}
	if x.Db.ListenURL == "" {
		return // checkListener says so
	}
	x.add("pooler", Fine, "there is one before DATABASE_URL, and LISTEN goes past it", "")
}

func (x *examination) checkListener(ctx context.Context, url string) {
	connecting, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := db.ConnectListener(connecting, url)
	name := "DATABASE_URL"
	if x.Db.ListenURL != "" {
		name = "KITCHEN_LISTEN_DATABASE_URL"
	}
	var refused *db.RefusedError
	switch {
	case err == nil:
		x.listener = conn
	case errors.Is(err, db.ErrPooler):
		x.add("pooler", wrong, name+" leads through a pooler that gives each transaction another server process: LISTEN succeeds and receives nothing",
			"give the server's own address as KITCHEN_LISTEN_DATABASE_URL")
	case errors.Is(err, db.ErrStandby):
		if !x.server.Standby || x.Db.ListenURL != "" {
			x.add("listener", wrong, name+" leads to a standby, where LISTEN is impossible", "give the primary's address")
		}
	case errors.As(err, &refused):
		x.add("listener", wrong, name+": "+err.Error(), mendRefusal(refused.Code))
	default:
		x.add("listener", wrong, name+": "+err.Error(), mendConnection(err, name)+"; it is the address that LISTEN goes to")
	}
}

// tooManyListeners is how many listening connections cost each commit more than a round trip.
const tooManyListeners = 20

func (x *examination) checkListeners(ctx context.Context) {
	nodes, others, hidden, err := x.pool.Listeners(ctx)
	if err != nil {
		x.failed("listeners", err)
		return
	}
	if x.listener != nil {
		nodes-- // ours
	}
	means := fmt.Sprintf("%s of this program and %s listen in this database; each costs every notifying commit about 9 µs of the server's time, up to PostgreSQL 18",
		text.Count(max(nodes, 0), "connection"), text.Count(others, "other"))
	if hidden > 0 {
		means += fmt.Sprintf("; the statements of %s are hidden from this role", text.Count(hidden, "session"))
	}
	if nodes+others > tooManyListeners {
		x.add("listeners", warning, means, "let programs share one listening connection a process: select pid, application_name from pg_stat_activity where query ~* '^listen'")
		return
	}
	x.add("listeners", Fine, means, "")
}

func (x *examination) checkLock(ctx context.Context) {
	f, err := x.pool.NotifyLock(ctx)
	if err != nil {
		x.failed("writes", err)
		return
	}
	if f.Longest < time.Second {
		x.add("writes", Fine, fmt.Sprintf("%s for the lock that every notifying commit takes", text.Count(f.Waiting, "commit")+" wait"), "")
		return
	}
	means := fmt.Sprintf("writes are blocked: %s for the lock that every notifying commit takes, the longest for %s",
		text.Count(f.Waiting, "commit")+" wait", f.Longest.Round(time.Second))
	mend := "find who holds it: select * from pg_locks where locktype = 'object' and objid = 0"
	if len(f.Holders) > 0 {
		h := f.Holders[0]
		means += "; it is held by " + h.String()
		mend = fmt.Sprintf("end it, if it hangs: select pg_terminate_backend(%d)", h.PID)
		if h.WaitEvent == "SyncRep" {
			mend = "bring back the synchronous standby that the commit waits for, or change synchronous_standby_names"
		}
	}
	x.add("writes", wrong, means, mend)
}

const (
	// silentAt is the usage of the queue from which the triggers stop notifying, so that no writer's commit fails.
	silentAt = 0.75
	fillsAt  = 0.25
	// lagsAt is some 8 MB. A queue that all listeners read does not hold that much for long.
	lagsAt = 0.001
)

func (x *examination) checkQueue(ctx context.Context) {
	usage, err := x.pool.NotificationQueueUsage(ctx)
	if err != nil {
		x.failed("queue", err)
		return
	}
	var holders []db.Session
	if usage >= lagsAt {
		if holders, err = x.pool.QueueHolders(ctx, x.timeout/2); err != nil {
			x.failed("queue", err)
		}
	}
	x.addQueue(usage, holders)
}

func (x *examination) addQueue(usage float64, holders []db.Session) {
	means := fmt.Sprintf("the server's notification queue is %.2g %% full", usage*100)
	mend := "find a session that listens and is idle in a transaction, or whose client does not read, and end it: select pid, state, wait_event, query from pg_stat_activity"
	if len(holders) > 0 {
		means += "; perhaps held up by " + holders[0].String()
		mend = fmt.Sprintf("end it, if it listens: select pg_terminate_backend(%d)", holders[0].PID)
	}
	switch {
	case usage >= silentAt:
		x.add("queue", wrong, means+": the triggers are silent, so that writers do not fail", mend)
	case usage >= fillsAt, len(holders) > 0:
		x.add("queue", warning, means, mend)
	default:
		x.add("queue", Fine, means, "")
	}
}

// checkRoundTrip sends a notification and waits for it. Then it tries, and rolls back, what writers and cooks do, where there are
// orders to do it with.
func (x *examination) checkRoundTrip(ctx context.Context) {
	if x.listener == nil {
		return
	}
	took, err := x.pool.Canary(ctx, x.listener, x.timeout)
	late := errors.Is(err, examine.ErrUnheard)
	if late { // as on a machine that is busy for a moment
		took, err = x.pool.Canary(ctx, x.listener, x.timeout)
	}
	switch {
	case errors.Is(err, examine.ErrUnheard):
		x.add("round trip", wrong, fmt.Sprintf("a notification that was committed did not arrive within %s, nor did a second one: a pooler is in between, or DATABASE_URL and KITCHEN_LISTEN_DATABASE_URL are two databases", x.timeout),
			"give the address of the same database, without a pooler, as KITCHEN_LISTEN_DATABASE_URL")
		return
	case db.Blocked(err):
		x.add("round trip", wrong, "a notification cannot be committed: writes are blocked", "see what holds the lock of notifying commits, above")
		return
	case err != nil:
		x.add("round trip", wrong, err.Error(), "mend what is said above, then look again")
		return
	}
	took = took.Round(10 * time.Microsecond)
	if late {
		x.add("round trip", warning, fmt.Sprintf("a notification took longer than %s, the next arrived %s after its commit", x.timeout, took),
			"run kitchen doctor again; where it stays, find what keeps this machine, the server or the network between them busy")
	} else {
		x.add("round trip", Fine, fmt.Sprintf("a notification arrived %s after its commit", took), "")
	}
	if x.there {
		x.tryOrder(ctx)
		x.tryTap(ctx)
		x.tryCooking(ctx)
	}
}
