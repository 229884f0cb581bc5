package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// TriggerError is an error in a trigger, which did not announce a change. The writer's transaction was not affected.
type TriggerError struct {
	At      time.Time // the last time
	Source  string    // the table
	Code    string    // an SQLSTATE
	Message string
}

// TriggerErrors returns the errors in triggers of the last day, the newest first: only the last for each table and code, and ten at most.
func (db *DB) TriggerErrors(ctx context.Context) ([]TriggerError, error) {
	rows, err := db.pool.Query(ctx, `
		select e.at, e.source, e.sqlstate, e.message
		  from (select distinct on (source, sqlstate) * from kitchen.trigger_errors
		         where at > now() - interval '1 day' order by source, sqlstate, at desc) e
		 order by e.at desc limit 10`)
	if err != nil {
		return nil, fmt.Errorf("read what triggers could not do: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TriggerError])
	if err != nil {
		return nil, fmt.Errorf("read what triggers could not do: %w", err)
	}
	return all, nil
}
