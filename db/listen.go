package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// UsersChannel is the name of the channel on which a trigger announces changes of users.
const UsersChannel = "kitchen_users"

// ErrStandby says that a server is a standby, which knows no notifications.
var ErrStandby = errors.New("this server is a standby, where LISTEN is impossible: use the primary's address, or several hosts with target_session_attrs=read-write")

// ErrPooler says that a connection does not stay with one server process, so that what it listens to is lost.
var ErrPooler = errors.New("there is a pooler in transaction mode before this server, through which LISTEN hears nothing: give the server's own address as KITCHEN_LISTEN_DATABASE_URL")

// ConnectListener makes a connection to LISTEN on, named kitchen-listener in pg_stat_activity. Errors: [ErrStandby],
// [ErrPooler], or what came in the way of connecting.
func ConnectListener(ctx context.Context, url string) (*pgx.Conn, error) {
	// As the pool reads it, which knows its own parameters (pool_max_conns) from the server's.
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, explain(err)
	}
	cfg := pool.ConnConfig
	setDefaults(cfg, "")
	cfg.RuntimeParams["application_name"] = "kitchen-listener" // whatever the address says: doctor knows listeners by it
	// Simple statements: what goes over this connection is said once and not worth preparing.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, explain(err)
	}
	if err := checkListener(ctx, conn); err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

func checkListener(ctx context.Context, conn *pgx.Conn) error {
	// An idle listener is at work: a server that ends idle sessions must let it be. Set, and not a parameter of the
	// connection, so that a pooler is refused for what it is; and not through a pooler, whose other clients would have it, and
	// which makes up process ids of 32 bits.
	var standby bool
	var pid uint32
	err := conn.QueryRow(ctx, `
		select pg_is_in_recovery(), pg_backend_pid(),
		       case when pg_backend_pid()::bigint = $1::bigint then set_config('idle_session_timeout', '0', false) end`, conn.PgConn().PID()).
		Scan(&standby, &pid, new(*string))
	switch {
	case err != nil:
		return fmt.Errorf("ask the server what it is: %w", err)
	case standby:
		return ErrStandby
	case pid != conn.PgConn().PID():
		// A pooler makes up the process id that it gives to its client.
		return ErrPooler
	}
	return nil
}

// Listen makes conn listen to some channels and to others no more, in one round trip.
func Listen(ctx context.Context, conn *pgx.Conn, listen, unlisten []string) error {
	var sql strings.Builder
	for _, c := range unlisten {
		sql.WriteString("unlisten " + pgx.Identifier{c}.Sanitize() + ";")
	}
	for _, c := range listen {
		sql.WriteString("listen " + pgx.Identifier{c}.Sanitize() + ";")
	}
	if err := conn.PgConn().Exec(ctx, sql.String()).Close(); err != nil {
		return fmt.Errorf("listen to %d channels: %w", len(listen), err)
	}
	return nil
}

// Notify sends a notification through the pool, on the way that a writer's take. It returns when it is committed.
//
// A NOTIFY waits for one lock of the whole cluster (src/backend/commands/async.c), and while it waits it adds to the
// queue for that lock: with lock_timeout, in the same implicit transaction, it gives up after a second.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	err := db.again(ctx, func() error {
		batch := &pgx.Batch{}
		batch.Queue(`select set_config('lock_timeout', '1s', true)`).Exec(func(pgconn.CommandTag) error { return nil })
		batch.Queue(`select pg_notify($1, $2)`, channel, payload).Exec(func(pgconn.CommandTag) error { return nil })
		return db.pool.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// Blocked reports whether err of [DB.Notify] says that writes are blocked: the lock of all notifying commits is held by
// another transaction, which hangs.
func Blocked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03" // lock_not_available
}

// NotificationQueueUsage is how full the server's notification queue is, from 0 to 1. Asking is also what moves the tail
// of a queue that was full: nothing else does while every sender fails (src/backend/commands/async.c).
func (db *DB) NotificationQueueUsage(ctx context.Context) (usage float64, err error) {
	if err = db.pool.QueryRow(ctx, `select pg_notification_queue_usage()`).Scan(&usage); err != nil {
		return 0, fmt.Errorf("ask for the notification queue's usage: %w", err)
	}
	return usage, nil
}

// CheckTriggers returns what keeps changes from being announced as the migrations arranged it: triggers that are missing, do
// not fire in every session or do something else, functions that were replaced, and a setting that silences the database.
func (db *DB) CheckTriggers(ctx context.Context) ([]string, error) {
	// Each with its function, and with what it fires at (pg_trigger.tgtype: 1 each row, 2 before, 4 insert, 8 delete,
	// 16 update, 32 truncate); "when" where it has a condition or columns, "origin"
	// where it need not fire in replicas.
	triggers := []string{
		"public.orders.orders_complete_insert public.complete_new_order 7", "public.orders.orders_complete_update public.complete_changed_order 19",
		"public.orders.kitchen_watch_insert kitchen.watch_new_orders 4", "public.orders.kitchen_watch_update kitchen.watch_changed_orders 16",
		"public.orders.kitchen_watch_delete kitchen.watch_deleted_orders 8", "public.orders.kitchen_watch_truncate kitchen.watch_truncate 34",
		"public.order_items.order_items_complete public.complete_order_item 23",
		"public.order_items.kitchen_watch_insert kitchen.watch_lines 4",
		"public.order_items.kitchen_watch_update kitchen.watch_lines 16",
		"public.order_items.kitchen_watch_delete kitchen.watch_lines 8",
		"public.order_items.kitchen_watch_truncate kitchen.watch_truncate 34",
		"public.order_item_modifiers.order_item_modifiers_complete public.complete_order_item_modifier 23",
		"public.order_item_modifiers.kitchen_watch_insert kitchen.watch_modifiers 4",
		"public.order_item_modifiers.kitchen_watch_update kitchen.watch_modifiers 16",
		"public.order_item_modifiers.kitchen_watch_delete kitchen.watch_modifiers 8",
		"public.order_item_modifiers.kitchen_watch_truncate kitchen.watch_truncate 34",
		"public.restaurants.restaurants_check_timezone public.check_timezone 7 when origin",
		"public.restaurants.restaurants_check_changed_timezone public.check_timezone 19 when origin",
		"public.restaurants.kitchen_watch_update kitchen.watch_restaurants 16",
		"public.tables.kitchen_watch_update kitchen.watch_tables 16", "public.tables.kitchen_keep_deleted kitchen.keep_names 9",
		"public.tables.kitchen_keep_moved kitchen.keep_names 17 when", "public.tables.kitchen_keep_truncated kitchen.keep_names 34",
		"public.users.kitchen_keep_deleted kitchen.keep_names 9",
		"public.users.kitchen_keep_moved kitchen.keep_names 17 when", "public.users.kitchen_keep_truncated kitchen.keep_names 34",
		"kitchen.settings.kitchen_watch_insert kitchen.watch_settings 4", "kitchen.settings.kitchen_watch_update kitchen.watch_settings 16",
		"kitchen.settings.kitchen_watch_delete kitchen.watch_settings 8",
		"public.orders.lines_follow_insert kitchen.follow_status 5 when", "public.orders.lines_follow_update kitchen.follow_status 17 when",
		"public.order_items.lines_follow_insert kitchen.follow_lines 4", "public.order_items.lines_follow_update kitchen.follow_lines 16",
		"public.order_items.lines_follow_delete kitchen.follow_lines 8",
		"kitchen.stations.stations_check kitchen.check_station 19 origin", "kitchen.routes.routes_check kitchen.check_route 23 origin",
		"kitchen.stations.kitchen_watch_insert kitchen.watch_stations 4", "kitchen.stations.kitchen_watch_update kitchen.watch_stations 16",
		"kitchen.stations.kitchen_watch_delete kitchen.watch_stations 8", "kitchen.stations.kitchen_watch_truncate kitchen.watch_stations 34",
		"kitchen.routes.kitchen_watch_insert kitchen.watch_stations 4", "kitchen.routes.kitchen_watch_update kitchen.watch_stations 16",
		"kitchen.routes.kitchen_watch_delete kitchen.watch_stations 8", "kitchen.routes.kitchen_watch_truncate kitchen.watch_stations 34",
		"kitchen.line_changes.kitchen_watch_insert kitchen.watch_line_changes 4",
		"kitchen.line_changes.kitchen_watch_update kitchen.watch_line_changes 16",
		"kitchen.line_changes.kitchen_watch_delete kitchen.watch_line_changes 8",
		"public.users.kitchen_watch_update kitchen.watch_users 16", "public.users.kitchen_watch_delete kitchen.watch_users 8",
		"public.users.kitchen_watch_truncate kitchen.watch_users 32",
	}
	// Of a function's text only what it cannot do without is looked for, so that a later migration may rewrite it.
	functions := []string{
		"kitchen.watch_new_orders pg_notify", "kitchen.watch_changed_orders pg_notify", "kitchen.watch_deleted_orders pg_notify",
		"kitchen.watch_lines touch_orders", "kitchen.watch_modifiers touch_orders", "kitchen.touch_orders pg_notify",
		"kitchen.watch_truncate pg_notify", "public.complete_new_order order_number", "public.complete_changed_order order_number",
		"kitchen.watch_users pg_notify", "kitchen.follow_status follow_order", "kitchen.follow_lines settle_lines",
		"kitchen.watch_stations touch_queues", "kitchen.watch_line_changes touch_orders", "kitchen.settle_orders set_status",
	}
	if attached, err := db.attachedTriggers(ctx); attached != nil || err != nil {
		return attached, err
	}
	rows, err := db.pool.Query(ctx, `
		select regexp_replace(want.name, '^public\.', '') || case when t.oid is null then ' is missing'
		                         when t.tgenabled = 'D' then ' is disabled'
		                         when t.tgenabled = 'R' then ' is disabled, but for replicas'
		                         when is_other then ' is another one than the migrations made'
		                         else ' is not enabled always' end
		  from (select split_part(w, ' ', 1) as name, split_part(w, ' ', 2) as function, split_part(w, ' ', 3) as type,
		               w ~ ' when' as conditional, w ~ ' origin' as origin
		          from unnest($1::text[]) w) want
		  left join pg_catalog.pg_trigger t
		    on t.tgname = split_part(want.name, '.', 3)
		   and t.tgrelid = to_regclass(split_part(want.name, '.', 1) || '.' || split_part(want.name, '.', 2))
		 cross join lateral (select t.tgtype::text <> want.type or (t.tgqual is not null or t.tgattr::text <> '') <> want.conditional
		                            or t.tgfoid is distinct from to_regproc(want.function)::oid) o (is_other)
		 where t.oid is null or is_other or t.tgenabled <> 'A' and not (want.origin and t.tgenabled = 'O')
		union all
		select 'function ' || want.name || case when p.oid is null then ' is missing' else ' is another one than the migrations made' end
		  from (select split_part(w, ' ', 1) as name, split_part(w, ' ', 2) as does from unnest($2::text[]) w) want
		  left join pg_catalog.pg_proc p on p.oid = to_regproc(want.name)
		 where p.oid is null or position(want.does in p.prosrc) = 0
		union all
		select 'kitchen.notify is off in this database: alter database … reset kitchen.notify'
		  from pg_catalog.pg_db_role_setting s
		 where s.setrole = 0 and s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))
		   and exists (select from unnest(s.setconfig) c
		                where lower(c) in ('kitchen.notify=off', 'kitchen.notify=false', 'kitchen.notify=no', 'kitchen.notify=0'))`,
		triggers, functions)
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	return wrong, nil
}

// Silencing reports whether what [DB.CheckTriggers] found keeps changes of ordinary sessions from being announced: a trigger
// that is merely not enabled always fires for those; who was deactivated, and what many orders share, is found out without one, too.
func Silencing(wrong string) bool {
	if strings.HasSuffix(wrong, " is not enabled always") {
		return false
	}
	for _, shared := range []string{"users.", "tables.", "restaurants.", "kitchen.settings.", "kitchen.stations.", "kitchen.routes.", "function kitchen.watch_users "} {
		if strings.HasPrefix(wrong, shared) {
			return false
		}
	}
	return true
}

// attachedTriggers is [DB.CheckTriggers] on another program's tables, where kitchen attach has listed what it installed; nil where
// the tables are the project's own.
func (db *DB) attachedTriggers(ctx context.Context) ([]string, error) {
	var attached, gone bool
	if err := db.pool.QueryRow(ctx, `select to_regclass('kitchen.watched') is not null, to_regclass('kitchen.orders') is null`).Scan(&attached, &gone); err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	if gone {
		return []string{"the schema kitchen is gone: no mapping is attached, and this program's own tables are not migrated"}, nil
	}
	if !attached {
		return nil, nil
	}
	rows, err := db.pool.Query(ctx, `
		select w.table_name || '.' || w.trigger_name || case when t.oid is null then ' is missing' when t.tgenabled = 'D' then ' is disabled'
		                                                     else ' is not enabled always' end
		  from kitchen.watched w
		  left join pg_catalog.pg_namespace n on n.nspname = w.table_schema
		  left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
		  left join pg_catalog.pg_trigger t on t.tgrelid = c.oid and t.tgname = w.trigger_name
		 where t.oid is null or t.tgenabled <> 'A'`)
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	return append([]string{}, wrong...), nil
}
