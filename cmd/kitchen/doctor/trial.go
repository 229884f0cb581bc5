package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/examine"
	"kitchen/db/order"
)

// Checks that write, and roll back: an order on trial, and what cooks do.

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
	case errors.Is(err, order.ErrNotFound):
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
	case errors.Is(err, order.ErrNotFound):
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
