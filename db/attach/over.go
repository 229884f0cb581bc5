package attach

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// readOrdersOver finds SQL for the orders that kitchen.orders makes of the rows that a statement has written to the orders' own table: the
// view's definition, with these rows in place of the table. A SERIALIZABLE transaction then reads no index of the table, and does not
// conflict with others that write beside it. There is no such SQL where the definition is more than one SELECT, or names the table twice.
func (d *model) readOrdersOver(ctx context.Context, tx pgx.Tx) error {
	table, _, found, err := origin(ctx, tx, "orders", "id")
	if err != nil || !found {
		return err
	}
	for _, s := range d.sources {
		if s.oid != table {
			continue
		}
		err := atSavepoint(ctx, tx, func() error {
			over, err := s.ordersOver(ctx, tx)
			if err != nil {
				return err
			}
			if over == nil {
				return errRollback // the search_path, here as below
			}
			if _, err := tx.Conn().PgConn().Prepare(ctx, "", over.Of("(select * from "+s.table()+")"), nil); err != nil {
				return fmt.Errorf("%w: %w", errRollback, err) // orders are then read by their keys
			}
			s.over = over
			return errRollback // the search_path
		})
		if !errors.Is(err, errRollback) {
			return err
		}
	}
	return nil
}

// over is the definition of kitchen.orders, split where it names the orders' own table.
type over struct {
	ID, Restaurant string // expressions over a row of it
	before, after  string
	alias          string // by which the definition calls the table
	all            bool   // each row of the table is an order, with the table's columns under that alias
	id, restaurant string // columns of the row; empty where they are other expressions
}

// Of is SQL that gives id and restaurant_id of the orders that some rows are.
func (o *over) Of(rows string) string {
	return "select v.id, v.restaurant_id from (select " + o.ID + ", " + o.Restaurant + o.from(rows) + ") v (id, restaurant_id)"
}

// from is the definition's FROM, and what follows.
func (o *over) from(rows string) string { return o.before + rows + o.after }

// ordersOver reads the definition. It returns nil where that is more than one SELECT, or names the table twice.
func (s *source) ordersOver(ctx context.Context, tx pgx.Tx) (*over, error) {
	if _, err := tx.Exec(ctx, `set local search_path = pg_catalog`); err != nil { // so that every name is printed with its schema
		return nil, err
	}
	var definition, name string
	var id, restaurant int
	err := tx.QueryRow(ctx, `
		select pg_get_viewdef(v.oid), format('%I.%I', $1::text, $2::text),
		       (select a.attnum from pg_attribute a where a.attrelid = v.oid and a.attname = 'id'),
		       (select a.attnum from pg_attribute a where a.attrelid = v.oid and a.attname = 'restaurant_id')
		  from (select 'kitchen.orders'::regclass as oid) v`, s.schema, s.name).Scan(&definition, &name, &id, &restaurant)
	if err != nil {
		return nil, err
	}
	columns, from, simple := cutSelect(definition)
	places := regexp.MustCompile(`[( ](`+regexp.QuoteMeta(name)+`)(?:[ \n)]|$)`).FindAllStringSubmatchIndex(from, -1)
	if !simple || max(id, restaurant) > len(columns) || len(places) != 1 || strings.Contains(definition, "$$") {
		return nil, nil
	}
	before, after := from[:places[0][2]], from[places[0][3]:]
	alias := regexp.MustCompile(`^ ("[^"]*"|\w+)`).FindString(after)
	if alias == "" || alias == strings.ToUpper(alias) && !strings.HasPrefix(alias, ` "`) {
		alias = " " + sqltext.Quote(s.name)
		after = alias + after // no alias, but a word such as JOIN
	}
	// Where it leaves rows out or groups them, or renames columns, the row that was written is not simply what the alias stands for.
	fewer := regexp.MustCompile(`\n +(WHERE|GROUP BY|HAVING|LIMIT|OFFSET|FETCH) `).MatchString(from) || strings.Count(from, " JOIN ") > strings.Count(from, " LEFT JOIN ") ||
		strings.HasSuffix(before, " ONLY ")
	renames := strings.HasPrefix(strings.TrimPrefix(after, alias), "(")
	o := &over{ID: columns[id-1], Restaurant: columns[restaurant-1], before: before, after: after, alias: strings.TrimSpace(alias), all: !fewer && !renames}
	o.id, o.restaurant = o.column(o.ID), o.column(o.Restaurant)
	if o.plain() { // other tables that it joins say nothing of these two, and each takes a lock even where the plan leaves it out
		o.before, o.after = "\n   FROM ", alias
	}
	return o, nil
}

// column returns a column of the written row, perhaps with a cast, without the name that the definition gives it; empty for any other
// expression.
func (o *over) column(expression string) string {
	m := regexp.MustCompile(`^\s*((?:` + regexp.QuoteMeta(o.alias) + `\.)?(?:"[^"]*"|[a-z_]\w*)(?:::[a-z ]+(?:\(\d+\))?)?)(?: AS .*)?$`).FindStringSubmatch(expression)
	if m == nil {
		return ""
	}
	return m[1]
}

// plain reports whether a row of the table alone says which order it is, and whose.
func (o *over) plain() bool { return o.all && o.id != "" && o.restaurant != "" }

// cutSelect splits one SELECT, as PostgreSQL prints it, into its columns and the rest from FROM on.
func cutSelect(definition string) (columns []string, from string, simple bool) {
	sql, simple := strings.CutPrefix(strings.TrimSuffix(strings.TrimSpace(definition), ";"), "SELECT ")
	if !simple || strings.HasPrefix(sql, "DISTINCT") {
		return nil, "", false
	}
	depth, start := 0, 0
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			end := strings.IndexByte(sql[i+1:], c)
			if end < 0 {
				return nil, "", false
			}
			i += 1 + end
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth > 0:
		case c == ',' && from == "":
			columns = append(columns, sql[start:i])
			start = i + 1
		case from == "" && strings.HasPrefix(sql[i:], "\n   FROM "):
			columns = append(columns, sql[start:i])
			from = sql[i:]
		case slices.ContainsFunc([]string{"UNION", "EXCEPT", "INTERSECT"}, func(word string) bool { return strings.HasPrefix(sql[i:], "\n"+word) }):
			return nil, "", false
		}
	}
	return columns, from, from != ""
}
