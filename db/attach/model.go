package attach

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// keys holds the base types of the key domains.
type keys struct{ Restaurant, Order, Line, User string }

// model is everything that the generator needs, as the catalog describes the installed views.
type model struct {
	keys      keys
	casts     string // SQL that makes words of what the mapping's views have as an enum, say
	sources   []*source
	setStatus string // the function's argument types; empty where there is none
	fire      string
}

// source is a base table of the views.
type source struct {
	oid          uint32
	schema, name string
	kind         string   // of pg_class
	targets      []string // itself, and the partitions or children that may be written to directly; quoted
	key          []string // its primary key, or a unique one without nulls; empty where it has none
	all          []column
	seen         map[string]bool // columns that the views of orders and restaurants read, or a rule of watch
	rights       map[string]bool // columns that kitchen.users reads
	named        map[string]bool // of these, columns that the names of users are made of
	behind       map[string]bool // views that it is behind
	rules        []rule
	over         *over  // the orders that its rows are; nil where rows alone do not say
	userKey      string // an expression over a row that gives the user; empty: any user
}

// column is a column of a base table.
type column struct {
	name, typ  string
	base, kind string // the type without its length or domain, and its category in pg_type
	anyLength  string // the type without a length, with its schema
	comparable bool   // has an equality that EXCEPT can use
	generated  bool   // from others of the row
}

// rule is a row of kitchen.watch: an expression over a row of the source.
type rule struct {
	orders bool // gives orders, and not restaurants
	text   string
	sql    string // as PostgreSQL prints it, every name qualified
	array  bool   // gives several
}

func (s *source) table() string { return pgx.Identifier{s.schema, s.name}.Sanitize() }

// watched is the set of columns of which a change is announced.
func (s *source) watched() map[string]bool {
	watched := maps.Clone(s.seen)
	maps.Copy(watched, s.rights)
	return watched
}

// label is the table's name as people write it.
func (s *source) label() string {
	if s.schema == "public" {
		return s.name
	}
	return s.schema + "." + s.name
}

// keyOf gives the domain of each key column of the views.
var keyOf = []struct{ view, column, key string }{
	{"restaurants", "id", "restaurant"}, {"users", "restaurant_id", "restaurant"}, {"orders", "restaurant_id", "restaurant"},
	{"orders", "id", "order"}, {"lines", "order_id", "order"},
	{"lines", "id", "line"}, {"modifiers", "line_id", "line"},
	{"users", "id", "user"}, {"orders", "created_by", "user"},
}

// readModel reads the views in the schema kitchen. m gives places in the file for errors, and may be nil.
func readModel(ctx context.Context, tx pgx.Tx, m *Mapping) (*model, error) {
	if m == nil {
		m = &Mapping{Name: "the schema kitchen"}
	}
	d := &model{}
	if err := d.readColumns(ctx, tx, m); err != nil {
		return nil, err
	}
	if err := d.readSources(ctx, tx); err != nil {
		return nil, fmt.Errorf("read the tables behind the views: %w", err)
	}
	for _, s := range d.sources {
		if err := d.readSource(ctx, tx, s); err != nil {
			return nil, fmt.Errorf("read table %s: %w", s.label(), err)
		}
	}
	if err := d.readRules(ctx, tx, m); err != nil {
		return nil, err
	}
	if err := d.readUserKeys(ctx, tx); err != nil {
		return nil, fmt.Errorf("find the users behind kitchen.users: %w", err)
	}
	if err := d.readUserNames(ctx, tx); err != nil {
		return nil, fmt.Errorf("find the names of users: %w", err)
	}
	if err := d.readOrdersOver(ctx, tx); err != nil {
		return nil, fmt.Errorf("read kitchen.orders: %w", err)
	}
	rows, err := tx.Query(ctx, `
		select p.proname::text, pg_get_function_identity_arguments(p.oid)
		  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
		 where n.nspname = 'kitchen' and p.proname in ('set_status', 'fire')`)
	if err != nil {
		return nil, fmt.Errorf("read the mapping's functions: %w", err)
	}
	var name, args string
	_, err = pgx.ForEachRow(rows, []any{&name, &args}, func() error {
		if name == "fire" {
			d.fire = args
		} else {
			d.setStatus = args
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the mapping's functions: %w", err)
	}
	return d, nil
}

// readSources follows pg_depend from the mapping's views, through views of the host, to tables and their columns. For a rule that uses a
// whole row pg_depend names no columns: then all count.
func (d *model) readSources(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		with recursive v (oid, root) as (
		  select c.oid, c.relname::text from pg_catalog.pg_class c
		   where c.relnamespace = 'kitchen'::regnamespace and c.relkind = 'v' and c.relname in ('restaurants', 'users', 'orders', 'lines', 'modifiers')
		  union
		  select d.refobjid, v.root
		    from v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
		    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
		    join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind = 'v' and c.oid <> v.oid
		)
		select distinct c.oid, n.nspname::text, c.relname::text, c.relkind::text, v.root, a.attname::text
		  from v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
		  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
		  join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind not in ('v', 'S', 'c')
		  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
		       and (n.nspname <> 'kitchen' or c.relname not in ('mapping', 'order_changes', 'tidied', 'settings', 'stations', 'routes', 'line_changes', 'screens', 'devices', 'pairings', 'sightings', 'alarms', 'alarm_posts', 'unseen_check', 'trigger_errors', 'watched')) -- a mapping may have tables of its own
		  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		        and (a.attnum = d.refobjsubid or w.ev_action::text like '%:varattno 0 %')
		 order by 2, 3, 5, 6`)
	if err != nil {
		return err
	}
	byOID := map[uint32]*source{}
	var oid uint32
	var schema, name, kind, root string
	var col *string
	_, err = pgx.ForEachRow(rows, []any{&oid, &schema, &name, &kind, &root, &col}, func() error {
		s := byOID[oid]
		if s == nil {
			s = &source{oid: oid, schema: schema, name: name, kind: kind, seen: map[string]bool{}, rights: map[string]bool{}, named: map[string]bool{}, behind: map[string]bool{}}
			byOID[oid] = s
			d.sources = append(d.sources, s)
		}
		s.behind[root] = true
		switch {
		case col == nil:
		case root == "users":
			s.rights[*col] = true
		default:
			s.seen[*col] = true
		}
		return nil
	})
	return err
}

// readSource reads a table's columns, its key, and the tables below it.
func (d *model) readSource(ctx context.Context, tx pgx.Tx, s *source) error {
	rows, err := tx.Query(ctx, `
		select a.attname::text, format_type(a.atttypid, a.atttypmod), `+baseType("a.atttypid")+`, t.typcategory::text, a.attgenerated <> '',
		       case when t.typnamespace = 'pg_catalog'::regnamespace then format_type(a.atttypid, -1) else t.typnamespace::regnamespace || '.' || quote_ident(t.typname) end,
		       exists (select from pg_catalog.pg_opclass c join pg_catalog.pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
		                where c.opcdefault and (c.opcintype = t.base or c.opcintype = 'anyenum'::regtype and t.typtype = 'e'
		                                        or c.opcintype = 'anyarray'::regtype and t.typcategory = 'A'
		                                        or c.opcintype = 'text'::regtype and t.base = 'varchar'::regtype))
		  from pg_catalog.pg_attribute a
		  join lateral (select coalesce(nullif(t.typbasetype, 0), t.oid) as base, t.typtype, t.typcategory, t.typname, t.typnamespace
		                  from pg_catalog.pg_type t where t.oid = a.atttypid) t on true
		 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`, s.oid)
	if err != nil {
		return err
	}
	s.all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c column, err error) {
		return c, row.Scan(&c.name, &c.typ, &c.base, &c.kind, &c.generated, &c.anyLength, &c.comparable)
	})
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `
		select coalesce((
		  select array_agg(a.attname::text order by k.n)
		    from pg_catalog.pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, n)
		    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
		   where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and k.n <= i.indnkeyatts
		   group by i.indexrelid, i.indisprimary having bool_and(a.attnotnull) order by i.indisprimary desc, count(*), i.indexrelid limit 1), '{}')`,
		s.oid).Scan(&s.key)
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `
		with recursive below (oid) as (select $1::oid union select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid)
		select n.nspname::text, c.relname::text from below b join pg_catalog.pg_class c on c.oid = b.oid and c.relkind in ('r', 'p')
		  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		 order by b.oid <> $1, 1, 2`, s.oid)
	if err != nil {
		return err
	}
	s.targets, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var id [2]string
		err := row.Scan(&id[0], &id[1])
		return pgx.Identifier(id[:]).Sanitize(), err
	})
	return err
}

// columns returns the columns of a set, in the table's order.
func (s *source) columns(set map[string]bool) []column {
	return slices.DeleteFunc(slices.Clone(s.all), func(c column) bool { return !set[c.name] })
}

func list(columns []string, alias string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = alias + sqltext.Quote(c)
	}
	return strings.Join(all, ", ")
}
