package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Bits of pg_trigger.tgtype that say what fires a trigger (src/include/catalog/pg_trigger.h). Without eachRow it fires once for each
// statement; without before it fires after the change.
const (
	eachRow    = 1
	before     = 2
	onInsert   = 4
	onDelete   = 8
	onUpdate   = 16
	onTruncate = 32
)

// wantedTrigger is a trigger that has to exist as the migrations made it.
type wantedTrigger struct {
	table, name, function string
	fires                 int16
	conditional           bool // it has a condition, or is for some columns only
	origin                bool // it need not fire in replicas
}

func wantedTriggers() []wantedTrigger {
	return []wantedTrigger{
		{table: "public.orders", name: "~orders_complete_insert", function: "public.complete_new_order", fires: eachRow | before | onInsert},
		{table: "public.orders", name: "~orders_complete_update", function: "public.complete_changed_order", fires: eachRow | before | onUpdate},
		{table: "public.orders", name: "kitchen_watch_insert", function: "kitchen.watch_new_orders", fires: onInsert},
		{table: "public.orders", name: "kitchen_watch_update", function: "kitchen.watch_changed_orders", fires: onUpdate},
		{table: "public.orders", name: "kitchen_watch_delete", function: "kitchen.watch_deleted_orders", fires: onDelete},
		{table: "public.orders", name: "kitchen_watch_truncate", function: "kitchen.watch_truncate", fires: before | onTruncate},
		{table: "public.order_items", name: "~order_items_complete_insert", function: "public.complete_new_line", fires: eachRow | before | onInsert},
		{table: "public.order_items", name: "~order_items_complete_update", function: "public.complete_changed_line", fires: eachRow | before | onUpdate},
		{table: "public.order_items", name: "kitchen_watch_insert", function: "kitchen.watch_written_lines", fires: onInsert},
		{table: "public.order_items", name: "kitchen_watch_update", function: "kitchen.watch_changed_lines", fires: onUpdate},
		{table: "public.order_items", name: "kitchen_watch_delete", function: "kitchen.watch_written_lines", fires: onDelete},
		{table: "public.order_items", name: "kitchen_watch_truncate", function: "kitchen.watch_truncate", fires: before | onTruncate},
		{table: "public.order_item_modifiers", name: "~order_item_modifiers_complete_insert", function: "public.complete_new_modifier", fires: eachRow | before | onInsert},
		{table: "public.order_item_modifiers", name: "~order_item_modifiers_complete_update", function: "public.complete_changed_modifier", fires: eachRow | before | onUpdate},
		{table: "public.order_item_modifiers", name: "kitchen_watch_insert", function: "kitchen.watch_written_modifiers", fires: onInsert},
		{table: "public.order_item_modifiers", name: "kitchen_watch_update", function: "kitchen.watch_changed_modifiers", fires: onUpdate},
		{table: "public.order_item_modifiers", name: "kitchen_watch_delete", function: "kitchen.watch_written_modifiers", fires: onDelete},
		{table: "public.order_item_modifiers", name: "kitchen_watch_truncate", function: "kitchen.watch_truncate", fires: before | onTruncate},
		{table: "public.restaurants", name: "restaurants_check_timezone", function: "public.check_timezone", fires: eachRow | before | onInsert, conditional: true, origin: true},
		{table: "public.restaurants", name: "restaurants_check_changed_timezone", function: "public.check_timezone", fires: eachRow | before | onUpdate, conditional: true, origin: true},
		{table: "public.restaurants", name: "kitchen_watch_update", function: "kitchen.watch_restaurants", fires: onUpdate},
		{table: "public.tables", name: "kitchen_watch_update", function: "kitchen.watch_tables", fires: onUpdate},
		{table: "public.tables", name: "kitchen_keep_deleted", function: "kitchen.keep_names", fires: eachRow | onDelete},
		{table: "public.tables", name: "kitchen_keep_moved", function: "kitchen.keep_names", fires: eachRow | onUpdate, conditional: true},
		{table: "public.tables", name: "kitchen_keep_truncated", function: "kitchen.keep_names", fires: before | onTruncate},
		{table: "public.users", name: "kitchen_keep_deleted", function: "kitchen.keep_names", fires: eachRow | onDelete},
		{table: "public.users", name: "kitchen_keep_moved", function: "kitchen.keep_names", fires: eachRow | onUpdate, conditional: true},
		{table: "public.users", name: "kitchen_keep_truncated", function: "kitchen.keep_names", fires: before | onTruncate},
		{table: "kitchen.settings", name: "kitchen_watch_insert", function: "kitchen.watch_settings", fires: onInsert},
		{table: "kitchen.settings", name: "kitchen_watch_update", function: "kitchen.watch_settings", fires: onUpdate},
		{table: "kitchen.settings", name: "kitchen_watch_delete", function: "kitchen.watch_settings", fires: onDelete},
		{table: "kitchen.settings", name: "kitchen_watch_truncate", function: "kitchen.watch_settings", fires: before | onTruncate},
		{table: "kitchen.stations", name: "stations_check", function: "kitchen.check_station", fires: eachRow | before | onUpdate, origin: true},
		{table: "kitchen.stations", name: "stations_count", function: "kitchen.count_station", fires: eachRow | before | onInsert},
		{table: "kitchen.routes", name: "routes_check", function: "kitchen.check_route", fires: eachRow | before | onInsert | onUpdate, origin: true},
		{table: "kitchen.stations", name: "kitchen_watch_insert", function: "kitchen.watch_stations", fires: onInsert},
		{table: "kitchen.stations", name: "kitchen_watch_update", function: "kitchen.watch_stations", fires: onUpdate},
		{table: "kitchen.stations", name: "kitchen_watch_delete", function: "kitchen.watch_stations", fires: onDelete},
		{table: "kitchen.stations", name: "kitchen_watch_truncate", function: "kitchen.watch_stations", fires: before | onTruncate},
		{table: "kitchen.routes", name: "kitchen_watch_insert", function: "kitchen.watch_stations", fires: onInsert},
		{table: "kitchen.routes", name: "kitchen_watch_update", function: "kitchen.watch_stations", fires: onUpdate},
		{table: "kitchen.routes", name: "kitchen_watch_delete", function: "kitchen.watch_stations", fires: onDelete},
		{table: "kitchen.routes", name: "kitchen_watch_truncate", function: "kitchen.watch_stations", fires: before | onTruncate},
		{table: "kitchen.line_changes", name: "kitchen_watch_insert", function: "kitchen.watch_line_changes", fires: onInsert},
		{table: "kitchen.line_changes", name: "kitchen_watch_update", function: "kitchen.watch_line_changes", fires: onUpdate},
		{table: "kitchen.line_changes", name: "kitchen_watch_delete", function: "kitchen.watch_line_changes", fires: onDelete},
		{table: "kitchen.devices", name: "kitchen_watch_update", function: "kitchen.watch_devices", fires: eachRow | onUpdate, conditional: true},
		{table: "kitchen.devices", name: "kitchen_watch_delete", function: "kitchen.watch_devices", fires: eachRow | onDelete},
		{table: "kitchen.devices", name: "kitchen_watch_truncate", function: "kitchen.watch_devices", fires: onTruncate},
		{table: "public.users", name: "kitchen_watch_update", function: "kitchen.watch_users", fires: onUpdate},
		{table: "public.users", name: "kitchen_watch_delete", function: "kitchen.watch_users", fires: onDelete},
		{table: "public.users", name: "kitchen_watch_truncate", function: "kitchen.watch_users", fires: onTruncate},
	}
}

// wantedFunction is a function, and a word that its text must hold: a later migration may rewrite the rest.
type wantedFunction struct{ name, word string }

func wantedFunctions() []wantedFunction {
	return []wantedFunction{
		{"kitchen.watch_new_orders", "pg_notify"},
		{"kitchen.watch_changed_orders", "pg_notify"},
		{"kitchen.announce_changes", "pg_notify"},
		{"kitchen.watch_deleted_orders", "pg_notify"},
		{"kitchen.watch_written_lines", "announce_lines"},
		{"kitchen.watch_changed_lines", "touch_orders"},
		{"kitchen.announce_lines", "touch_orders"},
		{"kitchen.watch_written_modifiers", "announce_modifiers"},
		{"kitchen.watch_changed_modifiers", "announce_modifiers"},
		{"kitchen.announce_modifiers", "touch_orders"},
		{"kitchen.touch_orders", "pg_notify"},
		{"kitchen.watch_truncate", "pg_notify"},
		{"public.complete_new_order", "order_number"},
		{"public.complete_changed_order", "kitchen.changed"},
		{"kitchen.watch_users", "pg_notify"},
		{"kitchen.watch_devices", "pg_notify"},
		{"kitchen.follow_status", "follow_order"},
		{"kitchen.follow_lines", "sync_line_states"},
		{"kitchen.watch_stations", "touch_queues"},
		{"kitchen.watch_line_changes", "touch_orders"},
		{"kitchen.set_derived_status", "set_status"},
	}
}

// TriggerFault is a reason why changes are not announced as the migrations, or the mapping, intend.
type TriggerFault struct {
	Means    string // "orders.kitchen_watch_insert is disabled"
	Silences bool   // changes of ordinary sessions are not announced
}

func (f TriggerFault) String() string { return f.Means }

// CheckTriggers returns what keeps changes from being announced as the migrations intend: triggers that are missing, that do not fire
// in every session or that do something else, functions that were replaced, and a setting that turns announcements off.
func (db *DB) CheckTriggers(ctx context.Context) ([]TriggerFault, error) {
	if err := db.readKeysAgain(ctx); err != nil {
		return nil, fmt.Errorf("look at the keys: %w", err)
	}
	if attached, err := db.attachedTriggers(ctx); attached != nil || err != nil {
		return attached, err
	}
	var tables, names, functions []string
	var fires []int16
	var conditional, origin []bool
	for _, w := range wantedTriggers() {
		tables, names, functions = append(tables, w.table), append(names, w.name), append(functions, w.function)
		fires, conditional, origin = append(fires, w.fires), append(conditional, w.conditional), append(origin, w.origin)
	}
	var announcers, words []string
	for _, w := range wantedFunctions() {
		announcers, words = append(announcers, w.name), append(words, w.word)
	}
	rows, err := db.pool.Query(ctx, `
		select regexp_replace(want.relation, '^public\.', '') || '.' || quote_ident(want.name) || case when t.oid is null then ' is missing'
		                         when t.tgenabled = 'D' then ' is disabled'
		                         when t.tgenabled = 'R' then ' is disabled, but for replicas'
		                         when is_other then ' is another one than the migrations made'
		                         else ' is not enabled always' end
		  from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::boolean[], $6::boolean[])
		       want (relation, name, function, type, conditional, origin)
		  left join pg_catalog.pg_trigger t on t.tgname = want.name and t.tgrelid = to_regclass(want.relation)
		 cross join lateral (select t.tgtype <> want.type or (t.tgqual is not null or t.tgattr::text <> '') <> want.conditional
		                            or t.tgfoid is distinct from to_regproc(want.function)::oid) o (is_other)
		 where t.oid is null or is_other or t.tgenabled <> 'A' and not (want.origin and t.tgenabled = 'O')
		union all
		select 'function ' || want.name || case when p.oid is null then ' is missing' else ' is another one than the migrations made' end
		  from unnest($7::text[], $8::text[]) want (name, word)
		  left join pg_catalog.pg_proc p on p.oid = to_regproc(want.name)
		 where p.oid is null or position(want.word in p.prosrc) = 0
		union all
		select 'kitchen.notify is off in this database: alter database … reset kitchen.notify'
		  from pg_catalog.pg_db_role_setting s
		 where s.setrole = 0 and s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))
		   and exists (select from unnest(s.setconfig) c
		                where lower(c) in ('kitchen.notify=off', 'kitchen.notify=false', 'kitchen.notify=no', 'kitchen.notify=0'))`,
		tables, names, functions, fires, conditional, origin, announcers, words)
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f TriggerFault, err error) {
		err = row.Scan(&f.Means)
		f.Silences = silencing(f.Means)
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("check the triggers: %w", err)
	}
	return wrong, nil
}

// silencing reports whether a fault in the project's own tables keeps changes of ordinary sessions from being announced. A trigger that
// is enabled, though not always, fires for those. Deactivated users, and changes of what many orders share, are found without a trigger.
func silencing(wrong string) bool {
	if strings.HasSuffix(wrong, " is not enabled always") {
		return false
	}
	for _, shared := range []string{"users.", "tables.", "restaurants.", "kitchen.settings.", "kitchen.stations.", "kitchen.routes.", "kitchen.devices.", "function kitchen.watch_users ",
		"function kitchen.watch_devices "} {
		if strings.HasPrefix(wrong, shared) {
			return false
		}
	}
	return true
}
