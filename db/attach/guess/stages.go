package guess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// stage is a column that alone says whether an order has reached a status: a time, which is null before, or a boolean.
type stage struct{ status, column string }

// stages are usual names of such columns, the last status first. Those for cooking count only where no column holds the status.
var stages = []struct{ status, times, flags string }{
	{"cancelled", "cancelled_at canceled_at voided_at rejected_at declined_at", "voided cancelled canceled is_cancelled is_canceled is_voided"},
	{"completed", "completed_at finished_at closed_at served_at delivered_at picked_up_at collected_at fulfilled_at bumped_at done_at complete_time completed",
		"settled closed completed served delivered is_completed is_closed is_served is_done is_delivered"},
	{"ready", "ready_at prepared_at cooked_at", "ready is_ready prepared is_prepared"},
	{"preparing", "started_at preparing_at cooking_at cooking_started_at preparation_started_at prep_started_at accepted_at", "preparing is_preparing in_progress started is_started"},
}

// stagesOf finds these columns; a time rather than a boolean for the same status.
func (g *guess) stagesOf() (found []stage) {
	o := g.orders
	for _, s := range stages {
		cooking := s.status == "ready" || s.status == "preparing"
		if cooking && g.status != "" {
			continue
		}
		for _, n := range strings.Fields(s.times) {
			if c := o.column(n); c != "" && g.status == "" && isTime(o.typeOf(c)) {
				found = append(found, stage{s.status, c})
				break
			}
		}
		for _, n := range strings.Fields(s.flags) {
			if c := o.column(n); c != "" && o.typeOf(c) == "boolean" {
				found = append(found, stage{s.status, c})
			}
		}
	}
	return found
}

// reached is the condition that an order has reached a stage.
func (g *guess) reached(s stage) string {
	if g.orders.typeOf(s.column) == "boolean" {
		return "o." + quoteIf(s.column)
	}
	return "o." + quoteIf(s.column) + " is not null"
}

// notReached is the opposite, in a form that the condition of an index can have.
func (g *guess) notReached(s stage) string {
	if g.orders.typeOf(s.column) == "boolean" {
		return "o." + quoteIf(s.column) + " is not true"
	}
	return "o." + quoteIf(s.column) + " is null"
}

// writeStages prints the assignments to these columns, for kitchen.set_status where no column holds the status.
func (g *guess) writeStages(all []stage) {
	at := "set "
	order := []string{"preparing", "ready", "completed"}
	for _, s := range all {
		// An order that is ready was begun; one that is taken back is not ready any more.
		when := "$2 = 'cancelled'"
		if i := slices.Index(order, s.status); i >= 0 {
			if when = "$2 in ('" + strings.Join(order[i:], "', '") + "')"; i == len(order)-1 {
				when = "$2 = 'completed'"
			}
		}
		col := quoteIf(s.column)
		switch g.orders.typeOf(s.column) {
		case "boolean":
			g.p("--     %s%s = %s", at, col, when)
		case "timestamp without time zone":
			g.p("--     %s%s = case when %s then coalesce(o.%[2]s, now() at time zone 'UTC') end", at, col, when)
		default:
			g.p("--     %s%s = case when %s then coalesce(o.%[2]s, now()) end", at, col, when)
		}
		at = "  , "
	}
}

// readKeys finds out which keys have characters that a key may not have, such as names: views show a hash of these.
func (g *guess) readKeys(ctx context.Context, tx pgx.Tx) error {
	odd := func(t *table, col string) (bool, error) {
		return t.some(ctx, tx, fmt.Sprintf("%s::text !~ '^[A-Za-z0-9_-]{1,40}$'", quoteIf(col)))
	}
	var err error
	for _, t := range []*table{g.orders, g.lines, g.tenants} {
		if t != nil && len(t.keys) == 1 && isWord(t.typeOf(t.keys[0])) {
			if t.hashed, err = odd(t, t.keys[0]); err != nil {
				return err
			}
		}
	}
	if c := g.tenantColumn(); c != "" && isWord(g.orders.typeOf(c)) {
		if g.hashTenant, err = odd(g.orders, c); err != nil {
			return err
		}
	}
	return nil
}
