package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Observer reads the server's statistics over a connection of its own. It is for one goroutine.
type Observer struct{ conn *pgx.Conn }

// Table is the size of a table, as the server's statistics say.
type Table struct {
	Name    string  `json:"table"`
	Rows    int     `json:"rows"`
	Dead    int     `json:"dead_rows"`
	Heap    float64 `json:"heap_mib"`
	Indexes float64 `json:"indexes_mib"`
	Vacuums int     `json:"autovacuums"` // since the server began
}

// Observer connects.
func (d *Dataset) Observer(ctx context.Context) (*Observer, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return nil, err
	}
	return &Observer{conn}, nil
}

// Close ends the connection.
func (o *Observer) Close() { closeConn(o.conn) }

// Pid is the process that serves the observer.
func (o *Observer) Pid() int { return int(o.conn.PgConn().PID()) }

// Sessions lists the server processes that serve clients, and whether the client is a writer; else it is a node.
func (o *Observer) Sessions(ctx context.Context) (writers map[int]bool, err error) {
	rows, err := o.conn.Query(ctx, `select pid, application_name = 'kitchen-bench' from pg_stat_activity where backend_type = 'client backend'`)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	writers = make(map[int]bool)
	var pid int
	var writes bool
	_, err = pgx.ForEachRow(rows, []any{&pid, &writes}, func() error {
		writers[pid] = writes
		return nil
	})
	return writers, err
}

// Tables returns the sizes of the tables with orders and of all of the kitchen's that hold anything, and how full the server's queue of
// notifications is, from 0 to 1.
func (o *Observer) Tables(ctx context.Context) (tables []Table, queue float64, err error) {
	rows, err := o.conn.Query(ctx, `
		select case schemaname when 'public' then relname else schemaname || '.' || relname end, n_live_tup, n_dead_tup,
		       pg_table_size(relid) / 1048576.0, pg_indexes_size(relid) / 1048576.0, autovacuum_count
		  from pg_stat_user_tables
		 where schemaname = 'kitchen' and pg_table_size(relid) > 65536
		    or schemaname = 'public' and relname in ('orders', 'order_items', 'order_item_modifiers')
		 order by schemaname = 'kitchen', relid`)
	if err != nil {
		return nil, 0, fmt.Errorf("read the sizes of tables: %w", err)
	}
	if tables, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Table]); err != nil {
		return nil, 0, fmt.Errorf("read the sizes of tables: %w", err)
	}
	if err := o.conn.QueryRow(ctx, `select pg_notification_queue_usage()`).Scan(&queue); err != nil {
		return nil, 0, fmt.Errorf("read the use of the queue of notifications: %w", err)
	}
	return tables, queue, nil
}
