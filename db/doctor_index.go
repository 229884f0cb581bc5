package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// IndexFacts says whether the index of open orders exists and is used.
type IndexFacts struct {
	There bool
	Valid bool
	Used  bool  // by the planner, where it has the choice
	Rows  int64 // of orders, as the planner knows it; -1 where it does not
}

// QueueIndex looks at the index of the open orders. The planner rightly reads a small table as a whole: there Used says whether it would
// use the index if sequential scans were disabled.
func (db *DB) QueueIndex(ctx context.Context) (f IndexFacts, err error) {
	err = db.pool.QueryRow(ctx, `
		select i.indexrelid is not null, coalesce(i.indisvalid and i.indisready, false), o.reltuples::bigint
		  from pg_catalog.pg_class o
		  left join pg_catalog.pg_index i on i.indrelid = o.oid and i.indexrelid = to_regclass('public.orders_queue')
		 where o.oid = to_regclass('public.orders')`).Scan(&f.There, &f.Valid, &f.Rows)
	if err != nil {
		return f, fmt.Errorf("look at the index of open orders: %w", err)
	}
	if !f.There || !f.Valid {
		return f, nil
	}
	const large = 20_000 // rows, from which the planner's own choice counts
	seqscan := "on"
	if f.Rows < large {
		seqscan = "off"
	}
	err = db.read(ctx,
		ask(func(pgx.Rows) error { return nil }, `select set_config('enable_seqscan', $1, true)`, seqscan),
		ask(func(rows pgx.Rows) error {
			plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
			f.Used = strings.Contains(strings.Join(plan, "\n"), "orders_queue")
			return err
		}, `explain select o.id from kitchen.orders o
		     where o.restaurant_id = '00000000-0000-0000-0000-000000000000' and o.open
		     order by o.created_at desc limit 500`))
	if err != nil {
		return f, fmt.Errorf("look at the plan of reading open orders: %w", err)
	}
	return f, nil
}
