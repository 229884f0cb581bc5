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

// Observe connects an observer to the database at url.
func Observe(ctx context.Context, url string) (*Observer, error) {
	conn, err := connect(ctx, url, "public")
	if err != nil {
		return nil, err
	}
	return &Observer{conn}, nil
}

// Close ends the connection.
func (o *Observer) Close() { closeConn(o.conn) }

// Pid is the process that serves the observer.
func (o *Observer) Pid() int { return int(o.conn.PgConn().PID()) }

// Role is what a server process does.
type Role int

// The roles of server processes.
const (
	Unknown    Role = iota // it has no session, or none yet, or its session is over
	Writing                // for a writer
	Serving                // for any other client, which is a node
	Vacuuming              // autovacuum
	Background             // for no client
	Elsewhere              // the observer itself, and what serves clients of other databases
)

// Roles says what each server process that has a session does.
func (o *Observer) Roles(ctx context.Context) (map[int]Role, error) {
	rows, err := o.conn.Query(ctx, `
		select pid, case when backend_type like 'autovacuum%' then $1::int
		                 when backend_type not in ('client backend', 'parallel worker') then $2::int
		                 when datname <> current_database() or pid = pg_backend_pid() then $3::int
		                 when application_name = 'kitchen-bench' then $4::int
		                 else $5::int end
		  from pg_stat_activity`, Vacuuming, Background, Elsewhere, Writing, Serving)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	roles := make(map[int]Role)
	var pid int
	var role Role
	_, err = pgx.ForEachRow(rows, []any{&pid, &role}, func() error {
		roles[pid] = role
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return roles, nil
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
