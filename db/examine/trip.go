package examine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/order"
)

// ErrUnheard says that a notification was committed and has not arrived.
var ErrUnheard = errors.New("a notification that was committed has not arrived")

// Canary sends a notification through the pool, as a writer would, and returns how long after its commit it arrived at listener: 0 where
// it arrived first. [ErrUnheard] after timeout.
func (e *Examination) Canary(ctx context.Context, listener *pgx.Conn, timeout time.Duration) (time.Duration, error) {
	took, _, err := e.canary(ctx, listener, timeout)
	return took, err
}

// canary also returns the other notifications that arrived before it.
func (e *Examination) canary(ctx context.Context, listener *pgx.Conn, timeout time.Duration) (
	took time.Duration, before []*pgconn.Notification, err error,
) {
	channel, nonce := "kitchen_doctor_"+rand.Text(), rand.Text()
	if err := db.Listen(ctx, listener, []string{channel}, nil); err != nil {
		return 0, nil, err
	}
	if err := e.Notify(ctx, channel, nonce); err != nil {
		return 0, nil, err
	}
	committed := time.Now()
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		n, err := listener.WaitForNotification(waiting)
		switch {
		case err != nil && ctx.Err() == nil && waiting.Err() != nil:
			return 0, before, ErrUnheard
		case err != nil:
			return 0, before, fmt.Errorf("wait for a notification: %w", err)
		case n.Channel == channel && n.Payload == nonce:
			return time.Since(committed), before, db.Listen(ctx, listener, nil, []string{channel})
		}
		before = append(before, n)
	}
}

// ErrTriggersWrong says that the triggers did something wrong with an order.
var ErrTriggersWrong = errors.New("the triggers do not do what they should")

// ErrNoTrial says that no order could be inserted to try the triggers on. Other writers' orders may be fine.
var ErrNoTrial = errors.New("no order could be tried")

// RolledBackOrder inserts an order with a line and a modifier in a transaction that it rolls back. It checks that the triggers completed
// the order, that the views show it, and that nothing of it was announced. It inserts no line where the role may not, and waits for no
// lock for long. Errors: [ErrTriggersWrong] with what is wrong; [ErrNoTrial] with what the role or the trial order lacks; or an error that
// would stop any order.
func (e *Examination) RolledBackOrder(ctx context.Context, listener *pgx.Conn, timeout time.Duration) (err error) {
	var restaurant, id string
	err = e.Pool().QueryRow(ctx, `
		select coalesce((select id::text from public.restaurants order by created_at limit 1), ''), gen_random_uuid()::text`).
		Scan(&restaurant, &id)
	if err != nil {
		return fmt.Errorf("%w: look for a restaurant: %w", ErrNoTrial, err)
	}
	made := restaurant == ""
	if made {
		restaurant = id // any uuid will do
	}
	channel := order.RestaurantID(restaurant).Channel()
	if err := db.Listen(ctx, listener, []string{channel}, nil); err != nil {
		return err
	}
	if err := e.insertAndRollBack(ctx, restaurant, id, made); err != nil {
		return fmt.Errorf("insert an order and roll it back: %w", err)
	}
	_, received, err := e.canary(ctx, listener, timeout)
	if err != nil {
		return err
	}
	for _, n := range received {
		if strings.Contains(n.Payload, id) {
			return fmt.Errorf("%w: an order that was rolled back was announced", ErrTriggersWrong)
		}
	}
	return db.Listen(ctx, listener, nil, []string{channel})
}

func (e *Examination) insertAndRollBack(ctx context.Context, restaurant, id string, made bool) (err error) {
	tx, err := e.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tx.Rollback(ctx)) }() // where ctx ended, the connection is closed
	if _, err := tx.Exec(ctx, `set local lock_timeout = '1s'; set local statement_timeout = '5s'`, pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	if made {
		if _, err := tx.Exec(ctx, `insert into public.restaurants (id, name) values ($1, 'kitchen doctor')`, restaurant); err != nil {
			return fmt.Errorf("%w: make a restaurant: %w", ErrNoTrial, err)
		}
	}
	var done bool
	ask := func(wrong, sql string, args ...any) error {
		if err := tx.QueryRow(ctx, sql, args...).Scan(&done); err != nil {
			return ofTrial(err)
		}
		if !done {
			return fmt.Errorf("%w: %s", ErrTriggersWrong, wrong)
		}
		return nil
	}
	const incomplete = "a new order did not get its number and its version"
	// The announcing trigger sets this to the order's id, or to an empty text where its lines go to stations.
	if err := ask(incomplete, `select set_config('kitchen.announced', 'nobody', true) = 'nobody'`); err != nil {
		return err
	}
	if err := ask(incomplete, `insert into public.orders (restaurant_id, id) values ($1, $2) returning business_day is not null and order_number > 0`, restaurant, id); err != nil {
		return err
	}
	if err := ask(incomplete, `select exists (select from kitchen.order_versions where order_id = $1 and version = 1)`, id); err != nil {
		return err
	}
	if err := ask("a new order was not announced: the function kitchen.watch_new_orders is not that of the migrations", `select current_setting('kitchen.announced') <> 'nobody'`); err != nil {
		return err
	}
	var lines bool
	err = tx.QueryRow(ctx, `select has_table_privilege('public.order_items', 'insert') and has_table_privilege('public.order_item_modifiers', 'insert')`).Scan(&lines)
	if err != nil || !lines {
		return ofTrial(err)
	}
	// The line has the order's id: any uuid will do.
	for _, sql := range []string{`insert into public.order_items (id, order_id, name) values ($1, $1, 'kitchen doctor')`,
		`insert into public.order_item_modifiers (order_item_id, name) values ($1, 'kitchen doctor')`} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return ofTrial(err)
		}
	}
	return ask("the views do not show a new order with its line and its modifier", `
		select exists (select from kitchen.orders o join kitchen.lines l on l.order_id = o.id join kitchen.modifiers m on m.line_id = l.id where o.id = $1)`, id)
}

// ofTrial adds [ErrNoTrial] to an error that concerns only the trial: a column that only the host's program fills, a right that this role
// lacks, a lock that somebody holds. An error inside a function would stop every order.
func ofTrial(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) { // nil, too
		return err
	}
	switch pg.Code {
	case "23502", "23514", "55P03": // not_null_violation, check_violation, lock_not_available
		return fmt.Errorf("%w: %w", ErrNoTrial, err)
	case "42501": // insufficient_privilege
		if pg.Where == "" {
			return fmt.Errorf("%w: %w", ErrNoTrial, err)
		}
	}
	return err
}
