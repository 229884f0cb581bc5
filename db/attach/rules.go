package attach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach/sqltext"
)

// readRules reads kitchen.watch and resolves its expressions, so that the triggers need no search_path of the host's.
func (d *model) readRules(ctx context.Context, tx pgx.Tx, m *Mapping) error {
	rows, err := tx.Query(ctx, `select source::text, order_id::text, restaurant_id::text from kitchen.watch`)
	if err != nil {
		return refused(err, m.placeOf("watch"), "read kitchen.watch")
	}
	type watched struct{ Source, OrderID, RestaurantID *string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[watched])
	if err != nil {
		return refused(err, m.placeOf("watch"), "read kitchen.watch")
	}
	for _, w := range all {
		if w.Source == nil {
			return &RefusedError{m.placeOf("watch"), "a rule of kitchen.watch names no table", "give it a source"}
		}
		place := m.placeOfWatch(*w.Source)
		s, err := d.watched(ctx, tx, *w.Source, place)
		if err != nil {
			return err
		}
		if s == nil {
			continue // no view reads it, so its changes need not be announced
		}
		if w.OrderID == nil && w.RestaurantID == nil {
			return &RefusedError{place, "the rule of " + *w.Source + " gives neither an order nor a restaurant",
				"give one of the two; for a table that all restaurants share: 'array(select id from kitchen.restaurants)'"}
		}
		for i, text := range []*string{w.OrderID, w.RestaurantID} {
			if text == nil {
				continue
			}
			r, err := d.resolve(ctx, tx, s, *text, i == 0, place)
			if err != nil {
				return err
			}
			s.rules = append(s.rules, r)
		}
	}
	for _, s := range d.sources {
		if len(s.rules) == 0 {
			return unwatched(s, m)
		}
		if s.kind != "r" && s.kind != "p" {
			return &RefusedError{m.placeOfWatch(s.label()), s.label() + " is no table of this database: what changes there fires no trigger here",
				map[string]string{"f": "attach in the database that has the table, or let the program that writes it write to a table here", "m": "read the tables behind the materialized view"}[s.kind]}
		}
	}
	return nil
}

func unwatched(s *source, m *Mapping) error {
	behind := []string{}
	for _, v := range views {
		if s.behind[v.name] {
			behind = append(behind, "kitchen."+v.name)
		}
	}
	return &RefusedError{m.placeOf("watch"), fmt.Sprintf("%s is read by %s, and no rule of kitchen.watch names it: its changes would wake nobody",
		s.label(), strings.Join(behind, " and ")),
		fmt.Sprintf("add a row: ('%s', '<the order of one of its rows>', null), or ('%[1]s', null, '<the restaurant>') where many orders share it", s.label())}
}

// watched finds the table that a rule names, by the search_path of the mapping's session.
func (d *model) watched(ctx context.Context, tx pgx.Tx, name, place string) (*source, error) {
	var oid *uint32
	err := atSavepoint(ctx, tx, func() error {
		return tx.QueryRow(ctx, `select to_regclass($1)::oid`, name).Scan(&oid)
	})
	if err != nil || oid == nil {
		for _, s := range d.sources { // written without the quotes that it needs
			if s.name == name || s.schema+"."+s.name == name {
				return s, nil
			}
		}
		return nil, &RefusedError{place, fmt.Sprintf("kitchen.watch names the table %s, which is not there", name),
			"name it as \\d shows it, with its schema where that is not in the search_path"}
	}
	i := slices.IndexFunc(d.sources, func(s *source) bool { return s.oid == *oid })
	if i < 0 {
		return nil, d.refuseView(ctx, tx, *oid, name, place)
	}
	return d.sources[i], nil
}

// refuseView refuses a rule for a view of the host: every write, also through the view, fires the triggers of the tables behind it.
func (d *model) refuseView(ctx context.Context, tx pgx.Tx, oid uint32, name, place string) error {
	rows, err := tx.Query(ctx, `
		with recursive v (oid) as (
		  select c.oid from pg_catalog.pg_class c where c.oid = $1 and c.relkind = 'v'
		  union
		  select d.refobjid from v join pg_catalog.pg_rewrite w on w.ev_class = v.oid
		    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
		) select v.oid from v`, oid)
	if err != nil {
		return err
	}
	behind, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return err
	}
	var tables []string
	for _, s := range d.sources {
		if slices.Contains(behind, s.oid) {
			tables = append(tables, s.label())
		}
	}
	if len(tables) == 0 {
		return nil // no view of the mapping reads it
	}
	return &RefusedError{place, fmt.Sprintf("kitchen.watch names %s, which is a view", name), "name the tables behind it instead: " + strings.Join(tables, ", ")}
}

// resolve has PostgreSQL parse an expression over a row, in a view that is dropped again, and print it with all names qualified.
func (d *model) resolve(ctx context.Context, tx pgx.Tx, s *source, text string, orders bool, place string) (r rule, err error) {
	r = rule{orders: orders, text: text}
	what, key := "a restaurant", d.keys.Restaurant
	if orders {
		what, key = "an order", d.keys.Order
	}
	err = atSavepoint(ctx, tx, func() error {
		from := " from " + s.table() // without another name for it, so that a rule may name its columns with the schema as well
		if _, err := tx.Exec(ctx, "create view kitchen.probe as select ("+text+"\n) as k"+from); err != nil {
			return refused(err, place, fmt.Sprintf("the rule of %s, %q", s.label(), text))
		}
		if _, err := tx.Exec(ctx, "create view kitchen.probe_source as select 1 as k"+from); err != nil {
			return err
		}
		var typ, definition, frame string
		var columns []string
		err := tx.QueryRow(ctx, `
			select t.typelem <> 0 and t.typcategory = 'A', `+baseType("case when t.typcategory = 'A' then t.typelem else t.oid end")+`,
			       (select coalesce(array_agg(distinct c.attname::text), '{}') from pg_catalog.pg_rewrite w
			          join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
			          join pg_catalog.pg_attribute c on c.attrelid = d.refobjid and c.attnum = d.refobjsubid
			         where w.ev_class = a.attrelid and d.refobjid = $1 and d.refobjsubid > 0)
			  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
			 where a.attrelid = 'kitchen.probe'::regclass and a.attname = 'k'`, s.oid).Scan(&r.array, &typ, &columns)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `set local search_path = pg_catalog`); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `select pg_get_viewdef('kitchen.probe'::regclass), pg_get_viewdef('kitchen.probe_source'::regclass)`).Scan(&definition, &frame)
		if err != nil {
			return err
		}
		_, tail, _ := strings.Cut(frame, "1 AS k")
		r.sql = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(definition), "SELECT "), strings.TrimRight(tail, " \n")), " AS k")
		r.sql = strings.Join(strings.Fields(r.sql), " ") // on one line; no rule has a literal with two spaces
		if _, alike := sqltext.Widest(key, typ); !alike && key != "text" && typ != "text" {
			return &RefusedError{place, fmt.Sprintf("the rule of %s gives a value of type %s, and the key of %s is %s", s.label(), typ, what, key),
				"give the key of " + what + ", or an array of them, of the type that the views have"}
		}
		for _, c := range columns {
			s.seen[c] = true
		}
		return errRollback
	})
	if errors.Is(err, errRollback) {
		err = nil
	}
	return r, err
}

var errRollback = errors.New("rolled back on purpose")

// atSavepoint calls do after a savepoint, to which it rolls back if do fails.
func atSavepoint(ctx context.Context, tx pgx.Tx, do func() error) error {
	if _, err := tx.Exec(ctx, "savepoint attach"); err != nil {
		return err
	}
	err := do()
	if err != nil {
		if _, back := tx.Exec(ctx, "rollback to savepoint attach"); back != nil {
			return errors.Join(err, back)
		}
	}
	_, released := tx.Exec(ctx, "release savepoint attach")
	return errors.Join(err, released)
}

// refused turns an error of the server into a refusal with its place in the file.
func refused(err error, place, what string) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return &RefusedError{place, what + ": " + pg.Message, mendSQL(pg)}
}
