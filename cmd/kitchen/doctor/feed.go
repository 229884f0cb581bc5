package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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

// checkRoundTrip sends a notification and waits for it. Where the role may write, it also inserts an order to try the triggers, and
// rolls back.
func (x *examination) checkRoundTrip(ctx context.Context) {
	if x.listener == nil {
		return
	}
	took, err := x.pool.Canary(ctx, x.listener, x.timeout)
	switch {
	case errors.Is(err, examine.ErrUnheard):
		x.add("round trip", wrong, fmt.Sprintf("a notification that was committed did not arrive within %s: a pooler is in between, or DATABASE_URL and KITCHEN_LISTEN_DATABASE_URL are two databases", x.timeout),
			"give the address of the same database, without a pooler, as KITCHEN_LISTEN_DATABASE_URL")
		return
	case db.Blocked(err):
		x.add("round trip", wrong, "a notification cannot be committed: writes are blocked", "see what holds the lock of notifying commits, above")
		return
	case err != nil:
		x.add("round trip", wrong, err.Error(), "mend what is said above, then look again")
		return
	}
	x.add("round trip", Fine, fmt.Sprintf("a notification arrived %s after its commit", took.Round(10*time.Microsecond)), "")
	x.tryOrder(ctx)
	x.tryTap(ctx)
	x.tryCooking(ctx)
}

// tryOrder tries the triggers on an order that is rolled back.
func (x *examination) tryOrder(ctx context.Context) {
	if x.attached {
		x.add("new order", untried, "only the host's program knows how to write one", "kitchen attach check FILE tries the triggers")
		return
	}
	if !x.rights.Insert {
		x.add("new order", untried, "this role may not insert orders, and need not", "to try the triggers, run kitchen doctor as the owner or as a writer's role")
		return
	}
	var refused *pgconn.PgError
	switch err := x.pool.RolledBackOrder(ctx, x.listener, x.timeout); {
	case errors.Is(err, examine.ErrTriggersWrong):
		x.add("new order", wrong, err.Error(), "look for other triggers on orders, and compare ours with migrations/: kitchen migrate status")
	case errors.Is(err, examine.ErrNoTrial):
		x.add("new order", untried, err.Error(),
			"where only the program that writes orders fills what it names, compare an order of that program's; where it names a right, run kitchen doctor as the owner; else again")
	case errors.As(err, &refused):
		x.add("new order", wrong, "a new order is refused: "+err.Error(), "look for triggers and constraints of other programs on orders")
	case err != nil:
		x.failed("new order", err)
	default:
		x.add("new order", Fine, "an order that was rolled back was completed by the triggers, and not announced", "")
	}
}

// tryTap moves an order on as a cook does, and rolls back: other programs' triggers then run with this role's rights.
func (x *examination) tryTap(ctx context.Context) {
	switch tried, err := x.pool.RolledBackTap(ctx); {
	case errors.Is(err, db.ErrNotFound):
		x.addNoTap(ctx)
	case errors.Is(err, examine.ErrNoTap):
		x.add("cook's tap", untried, "displays only show orders here: the mapping has no kitchen.set_status", "give it one, if cooks are to move orders on")
	default:
		x.addTap("cook's tap", "an order cannot be moved on", "an order was moved on, and taken back", tried, err)
	}
}

// tryCooking moves lines at a station as a cook does, and rolls back. It adds no finding for restaurants without stations.
func (x *examination) tryCooking(ctx context.Context) {
	switch tried, err := x.pool.RolledBackCooking(ctx); {
	case errors.Is(err, examine.ErrNoStations):
	case errors.Is(err, db.ErrNotFound):
		x.add("station's tap", untried, "there is nothing to cook at a station", "run kitchen doctor again when there is an open order with a line to cook")
	default:
		x.addTap("station's tap", "a line cannot be moved on at its station, or a course not be fired", "a line was moved on at its station, a course was fired, and both taken back", tried, err)
	}
}

// addTap says how it went to do what cooks do. What keeps it from being tried at all, for want of a right, the check of rights says.
func (x *examination) addTap(check, cannot, can string, tried bool, err error) {
	switch {
	case !tried && db.Denied(err):
	case !tried:
		x.failed(check, err)
	case db.Busy(err):
		x.add(check, untried, "another transaction holds the order that was to be moved on", "run kitchen doctor again")
	case db.Denied(err) && x.attached && strings.Contains(err.Error(), "row-level security"):
		x.add(check, warning, cannot+": "+err.Error(), "let the tables' owner do it, whom no policy binds: alter function kitchen.set_status … security definer set search_path = public, pg_temp, and the same in the mapping's file; "+
			"or give "+x.server.Role+" a policy")
	case db.Denied(err) && x.attached: // which may be meant so
		x.add(check, warning, cannot+": "+err.Error(),
			"grant "+x.server.Role+" what kitchen.set_status, and other programs' triggers in it, do with the host's tables, if cooks are to move orders on")
	case db.Denied(err):
		x.add(check, wrong, cannot+": "+err.Error(),
			"grant "+x.server.Role+" what it lacks, in which other programs' triggers run as that role; or make their function security definer")
	case err != nil:
		x.add(check, wrong, cannot+": "+err.Error(), "look for triggers and constraints of other programs on orders and their lines")
	default:
		x.add(check, Fine, can, "")
	}
}

// addNoTap says what would run in a tap, where there is no order to try it on.
func (x *examination) addNoTap(ctx context.Context) {
	others, err := x.pool.OtherTriggers(ctx)
	switch {
	case err != nil:
		x.failed("cook's tap", err)
	case len(others) > 0:
		x.add("cook's tap", untried, "there is no open order to move on; other programs' triggers would run in it with the rights of "+x.server.Role+": "+strings.Join(others, ", "),
			"run kitchen doctor again when there is an open order")
	default:
		x.add("cook's tap", Fine, "there is no open order to move on, and no other program's trigger would run in it", "")
	}
}
