package attach

import (
	"context"
	"errors"
	"fmt"
	"kitchen/db/attach/sqltext"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
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
			if _, err := tx.Conn().PgConn().Prepare(ctx, "", over("(select * from "+s.table()+")"), nil); err != nil {
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

// ordersOver returns a function that makes this SQL for some rows.
func (s *source) ordersOver(ctx context.Context, tx pgx.Tx) (func(rows string) string, error) {
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
	if named := regexp.MustCompile(`^ ("|\w+)`).FindString(after); named == "" || named == strings.ToUpper(named) && named != ` "` {
		after = " " + sqltext.Quote(s.name) + after // no alias, but a word such as JOIN
	}
	return func(rows string) string {
		return "select v.id, v.restaurant_id from (select " + columns[id-1] + ", " + columns[restaurant-1] + before + rows + after + ") v (id, restaurant_id)"
	}, nil
}

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
