package rush

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// placed is an order that is in the database.
type placed struct {
	id       string
	number   int64
	version  int64
	stations []*string // where its lines are cooked: ids, and nil for no station; none in a restaurant without stations
	held     []int32   // courses that the pass has to fire, in their order
}

// place writes a new order with its lines and modifiers in one transaction, as a till does.
func (r *Rush) place(ctx context.Context) (*placed, error) {
	t := r.carte.order(r.rand, time.Now())
	order := &placed{}
	if len(r.restaurant.Stations) > 0 {
		order.held = t.holdCourses()
	}
	external := r.run + strconv.Itoa(r.totals.Orders+1)
	args := pgx.NamedArgs{"restaurant": string(r.restaurant.ID), "type": t.orderType, "table": t.table, "by": t.createdBy, "customer": t.customerName,
		"notes": t.notes, "allergy": t.allergyNote, "promised": t.promisedAt, "priority": t.priority, "external": external}
	err := pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, r.sql.order, args).Scan(&order.id, &order.number); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		for _, l := range t.lines {
			r.queueLine(batch, order.id, l)
		}
		if len(r.restaurant.Stations) > 0 {
			queueStations(batch, order)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("write an order: %w", err)
	}
	r.totals.Orders++
	r.report(order, 1, true)
	return order, nil
}

// queueLine inserts a line and its modifiers in one statement.
func (r *Rush) queueLine(batch *pgx.Batch, order string, l line) {
	options := l.options
	if options == nil {
		options = []string{}
	}
	var name *string // left out for what is on the menu: the database copies it
	if l.dish.id == nil {
		name = &l.dish.name
	}
	batch.Queue(r.sql.line, pgx.NamedArgs{"order": order, "item": l.dish.id, "name": name, "quantity": l.quantity, "notes": l.notes, "options": options,
		"course": l.course, "held": l.held})
}

// The steps of the cooks. Each moves an order only from where it should be: somebody at a display may have been faster.

func (r *Rush) start(ctx context.Context, o *placed) error {
	return r.move(ctx, o, order.Preparing, order.Pending)
}

func (r *Rush) ready(ctx context.Context, o *placed) error {
	return r.move(ctx, o, order.Ready, order.Pending, order.Preparing)
}

func (r *Rush) serve(ctx context.Context, o *placed) error {
	return r.move(ctx, o, order.Completed, order.Pending, order.Preparing, order.Ready)
}

func (r *Rush) cancel(ctx context.Context, o *placed) error {
	return r.move(ctx, o, order.Cancelled, order.Pending, order.Preparing)
}

func (r *Rush) recall(ctx context.Context, o *placed) error {
	return r.move(ctx, o, order.Ready, order.Completed)
}

func (r *Rush) move(ctx context.Context, o *placed, to order.Status, from ...order.Status) error {
	words := make([]string, len(from))
	for i, s := range from {
		words[i] = r.sql.word(s)
	}
	done, err := r.update(ctx, o, r.sql.move, pgx.NamedArgs{"status": r.sql.word(to), "from": words})
	switch {
	case err != nil:
		return fmt.Errorf("write status %s: %w", to, err)
	case done && to == order.Completed:
		r.totals.Completed++
	case done && to == order.Cancelled:
		r.totals.Cancelled++
	}
	return nil
}

// hurry marks an order as urgent, as a waiter does.
func (r *Rush) hurry(ctx context.Context, o *placed) error {
	_, err := r.update(ctx, o, r.sql.hurry, pgx.NamedArgs{})
	if err != nil {
		return fmt.Errorf("hurry an order: %w", err)
	}
	return nil
}

// update runs one statement in a transaction of its own. It reports whether there was anything to update.
func (r *Rush) update(ctx context.Context, o *placed, sql string, args pgx.NamedArgs) (updated bool, err error) {
	args["restaurant"], args["order"] = string(r.restaurant.ID), o.id
	var version int64
	batch := &pgx.Batch{} // an implicit transaction
	batch.Queue(sql, args).Exec(func(tag pgconn.CommandTag) error {
		updated = tag.RowsAffected() > 0
		return nil
	})
	queueVersion(batch, o, &version)
	if err := r.conn.SendBatch(ctx, batch).Close(); err != nil {
		return false, err
	}
	if updated && version > o.version { // the update may have changed nothing
		r.report(o, version, false)
	}
	return updated, nil
}

// queueVersion reads the version that an order has by the changes of this transaction.
func queueVersion(batch *pgx.Batch, o *placed, version *int64) {
	batch.Queue(`select coalesce((select version from kitchen.order_versions where order_id = $1::text::kitchen.order_key), 0)`, o.id).
		QueryRow(func(row pgx.Row) error { return row.Scan(version) })
}

// changeLine changes a line, as for a guest who wants one more of the same.
func (r *Rush) changeLine(ctx context.Context, o *placed) error {
	note := pick(r.rand, r.carte.phrases.lineNotes)
	return r.changeLines(ctx, o, func(batch *pgx.Batch) {
		batch.Queue(r.sql.more, pgx.NamedArgs{"order": o.id, "notes": note})
	})
}

// addLine adds a line, as for a guest who is still hungry.
func (r *Rush) addLine(ctx context.Context, o *placed) error {
	l := r.carte.line(r.rand)
	return r.changeLines(ctx, o, func(batch *pgx.Batch) { r.queueLine(batch, o.id, l) })
}

// changeLines changes lines of an order that is still being made, in one transaction. The order is locked first, so that
// it does not leave the kitchen meanwhile; its version is the one that the triggers gave it.
func (r *Rush) changeLines(ctx context.Context, o *placed, change func(*pgx.Batch)) error {
	var version int64
	err := pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, r.sql.lock, pgx.NamedArgs{"restaurant": string(r.restaurant.ID), "order": o.id})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		batch := &pgx.Batch{}
		change(batch)
		queueVersion(batch, o, &version)
		return tx.SendBatch(ctx, batch).Close()
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("change lines: %w", err)
	}
	r.report(o, version, false)
	return nil
}

func (r *Rush) report(o *placed, version int64, created bool) {
	at := time.Now()
	o.version = version
	r.totals.Changes++
	if r.committed != nil {
		r.committed(Change{Order: order.OrderID(o.id), Number: o.number, Version: version, At: at, Created: created})
	}
}

// ServeOwn completes the orders of this run that are still open, and returns how many there were.
func (r *Rush) ServeOwn(ctx context.Context) (int, error) {
	return r.serveAll(ctx, r.sql.serveOwn, r.run)
}

// ServeLeftovers completes all open orders of the demo restaurant, of any writer, and returns how many there were:
// an evening begins with an empty queue. In any other restaurant it does nothing.
func (r *Rush) ServeLeftovers(ctx context.Context) (int, error) {
	if r.restaurant.ID != r.sql.demo {
		return 0, nil
	}
	return r.serveAll(ctx, r.sql.serve, "")
}

func (r *Rush) serveAll(ctx context.Context, sql, run string) (int, error) {
	tag, err := r.conn.Exec(ctx, sql, pgx.NamedArgs{"restaurant": string(r.restaurant.ID), "run": run})
	if err != nil {
		return 0, fmt.Errorf("serve open orders: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
