package faulttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// writer is one of the [Writers], with the orders that it has made and not yet closed.
type writer struct {
	*Writers
	rng  *rand.Rand
	mine []written
}

type written struct {
	tenant *Tenant
	id     string
	status int // index into steps
}

func steps() []string { return []string{"pending", "preparing", "ready", "completed"} }

func (w *writer) run() {
	tick := time.NewTicker(w.pause)
	defer tick.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-tick.C:
		}
		// A transaction that was begun is finished, so that its outcome is known. The timeout is for a server that hangs.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 15*time.Second)
		began := time.Now()
		c, err := w.turn(ctx)
		cancel()
		if err != nil {
			w.failed(err)
			continue
		}
		c.began, c.at = began, time.Now()
		w.committed(c)
	}
}

func (w *writer) turn(ctx context.Context) (change, error) {
	i := 0
	if len(w.mine) > 0 {
		i = w.rng.IntN(len(w.mine))
	}
	switch dice := w.rng.IntN(100); {
	case len(w.mine) == 0 || len(w.mine) < 12 && dice < 30:
		return w.insert(ctx)
	case len(w.mine) >= 12 || dice < 70:
		return w.step(ctx, i)
	case dice < 80:
		return w.update(ctx, i, `update orders set notes = $2 where id = $1 returning id::text`, w.text(w.mine[i].tenant))
	case dice < 92:
		return w.update(ctx, i, `
			with l as (insert into order_items (order_id, name, notes) values ($1::uuid, $2, $2) returning order_id)
			select id::text from orders where id = (select order_id from l)`, w.text(w.mine[i].tenant))
	default:
		c, err := w.update(ctx, i, `delete from orders where id = $1 and $2 <> '' returning id::text`, "x")
		if err == nil {
			w.mine = slices.Delete(w.mine, i, i+1)
		}
		return c, err
	}
}

// insert writes an order in one statement or in one transaction, as tills do.
func (w *writer) insert(ctx context.Context) (change, error) {
	tenant := w.tenants[w.rng.IntN(len(w.tenants))]
	var id string
	version := int64(1)
	if w.rng.IntN(2) == 0 {
		err := w.pool.QueryRow(ctx, `
			with o as (insert into orders (restaurant_id, notes, customer_name) values ($1, $2, $2) returning id),
			     i as (insert into order_items (restaurant_id, order_id, menu_item_id) select $1, id, $3 from o returning id),
			     m as (insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id) select $1, id, $4 from i)
			select id::text from o`, tenant.ID, w.text(tenant), tenant.items[w.rng.IntN(3)], tenant.options[0]).Scan(&id)
		if err != nil {
			return change{}, err
		}
	} else {
		err := pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
			err := tx.QueryRow(ctx, `insert into orders (restaurant_id, notes) values ($1, $2) returning id::text`,
				tenant.ID, w.text(tenant)).Scan(&id)
			if err == nil {
				_, err = tx.Exec(ctx, `insert into order_items (order_id, menu_item_id, notes) values ($1, $2, $3)`,
					id, tenant.items[w.rng.IntN(3)], w.text(tenant))
			}
			return err
		})
		if err != nil {
			return change{}, err
		}
	}
	w.mine = append(w.mine, written{tenant, id, 0})
	return change{tenant: tenant, id: id, version: version}, nil
}

func (w *writer) step(ctx context.Context, i int) (change, error) {
	o := &w.mine[i]
	c, err := w.update(ctx, i, `update orders set status = $2 where id = $1 returning id::text`, steps()[o.status+1])
	if err != nil || len(w.mine) <= i {
		return c, err
	}
	if o = &w.mine[i]; c.id == o.id && o.status+1 == len(steps())-1 {
		c.closes = true
		w.mine = slices.Delete(w.mine, i, i+1)
	} else if c.id == o.id {
		o.status++
	}
	return c, nil
}

// update runs one statement on the writer's order i. Where the order is gone, it makes a new one instead.
func (w *writer) update(ctx context.Context, i int, sql, arg string) (change, error) {
	o := w.mine[i]
	c := change{tenant: o.tenant}
	batch := &pgx.Batch{} // an implicit transaction
	batch.Queue(sql, o.id, arg).QueryRow(func(row pgx.Row) error { return row.Scan(&c.id) })
	batch.Queue(`select coalesce((select version from kitchen.order_versions where order_id = $1::text::kitchen.order_key), 0)`, o.id).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.version) })
	err := w.pool.SendBatch(ctx, batch).Close()
	var refused *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) || errors.As(err, &refused) && refused.Code == "23503" { // foreign_key_violation
		w.mine = slices.Delete(w.mine, i, i+1)
		return w.insert(ctx)
	}
	if strings.HasPrefix(sql, "delete") {
		c.version, c.closes = 1<<61, true // seen by being gone
	}
	return c, err
}

func (w *writer) text(t *Tenant) string { return fmt.Sprintf("%s %d", t.Canary, w.rng.IntN(1_000_000)) }
