package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// origin finds the column of a base table that a column of a view shows unchanged. The server names it in the description of the view's
// own statement (PostgreSQL manual, "RowDescription").
func origin(ctx context.Context, tx pgx.Tx, view, col string) (table uint32, name string, found bool, err error) {
	var oid uint32
	var number int16
	err = tx.QueryRow(ctx, `select a.attrelid, a.attnum from pg_catalog.pg_attribute a
	                         where a.attrelid = to_regclass('kitchen.' || quote_ident($1)) and a.attname = $2`, view, col).Scan(&oid, &number)
	if err != nil {
		return 0, "", false, err
	}
	for range 20 { // views over views
		var kind, definition string
		err := tx.QueryRow(ctx, `
			select c.relkind::text, case c.relkind when 'v' then pg_get_viewdef(c.oid) else a.attname::text end
			  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = $2 where c.oid = $1`,
			oid, number).Scan(&kind, &definition)
		if err != nil {
			return 0, "", false, err
		}
		if kind != "v" {
			return oid, definition, true, nil
		}
		description, err := tx.Conn().PgConn().Prepare(ctx, "", definition, nil)
		if err != nil {
			return 0, "", false, fmt.Errorf("describe kitchen.%s: %w", view, err)
		}
		if int(number) > len(description.Fields) {
			return 0, "", false, nil
		}
		f := description.Fields[number-1]
		if f.TableOID == 0 || f.TableAttributeNumber == 0 {
			return 0, "", false, nil
		}
		oid, number = f.TableOID, int16(f.TableAttributeNumber) //nolint:gosec // attribute numbers are
	}
	return 0, "", false, nil
}

// readUserKeys finds, for each table behind kitchen.users, the column that gives the user: the one that users.id shows, or a foreign key to
// it.
func (d *model) readUserKeys(ctx context.Context, tx pgx.Tx) error {
	table, col, found, err := origin(ctx, tx, "users", "id")
	if err != nil || !found {
		return err
	}
	for _, s := range d.sources {
		if !s.behind["users"] {
			continue
		}
		if s.oid == table {
			s.userKey = sqltext.Quote(col)
			s.rights[col] = true
			continue
		}
		var fk string
		err := tx.QueryRow(ctx, `
			select a.attname::text from pg_catalog.pg_constraint f
			  join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
			  join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
			 where f.contype = 'f' and f.conrelid = $1 and f.confrelid = $2 and b.attname = $3 and cardinality(f.conkey) = 1
			 order by (a.attname = any ($4)) desc, a.attnum limit 1`, s.oid, table, col, namesOf(s.rights)).Scan(&fk)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		s.userKey = sqltext.Quote(fk)
		s.rights[fk] = true
	}
	return nil
}

// readUserNames finds the columns that the names of users are made of: what the plan of kitchen.users prints for them.
func (d *model) readUserNames(ctx context.Context, tx pgx.Tx) error {
	var number int
	err := tx.QueryRow(ctx, `select a.attnum from pg_catalog.pg_attribute a where a.attrelid = 'kitchen.users'::regclass and a.attname = 'name'`).Scan(&number)
	if err != nil {
		return err
	}
	plan, output, err := outputOf(ctx, tx, "select * from kitchen.users")
	if err != nil || number > len(output) {
		return err
	}
	for _, part := range dotted.FindAllStringSubmatch(output[number-1], -1) {
		plan.walk(func(n planNode) {
			if part[1] != "" || n.Table == "" || n.Alias != unquoted(part[2]) {
				return
			}
			for _, s := range d.sources {
				if s.schema == n.Schema && s.name == n.Table {
					s.named[unquoted(part[3])] = true
				}
			}
		})
	}
	return nil
}

// outputOf is the plan of a query, and the expressions that it gives.
func outputOf(ctx context.Context, tx pgx.Tx, query string) (plan planNode, output []string, err error) {
	var text string
	if err := tx.QueryRow(ctx, "explain (verbose, costs off, format json) "+query).Scan(&text); err != nil {
		return plan, nil, err
	}
	var all []struct {
		Plan struct {
			planNode
			Output []string
		}
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) != 1 {
		return plan, nil, err
	}
	return all[0].Plan.planNode, all[0].Plan.Output, nil
}

func namesOf(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for n := range set {
		names = append(names, n)
	}
	return names
}

// made is the expression over columns of one table from which a view makes a column, as PostgreSQL prints it, without the table's alias.
type made struct {
	table   string // with its schema, quoted
	sql     string
	columns []string
}

// dotted matches the columns in an expression, and texts in quotes, which are none.
var dotted = regexp.MustCompile(`('(?:[^']|'')*')|("(?:[^"]|"")+"|\b[A-Za-z_]\w*)\.("(?:[^"]|"")+"|[A-Za-z_]\w*)`)

// makes finds the expression from which a view makes a column. found is false where it uses more than one table, or the view is a union.
func makes(ctx context.Context, tx pgx.Tx, view, col string) (m made, found bool, err error) {
	plan, output, err := outputOf(ctx, tx, "select "+sqltext.Quote(col)+" from kitchen."+view+" limit 1")
	if err != nil || len(output) != 1 {
		return m, false, err
	}
	expression, alias := output[0], ""
	for _, part := range dotted.FindAllStringSubmatch(expression, -1) {
		if part[1] != "" {
			continue
		}
		if alias != "" && alias != part[2] {
			return m, false, nil
		}
		alias = part[2]
		if c := unquoted(part[3]); !slices.Contains(m.columns, c) {
			m.columns = append(m.columns, c)
		}
	}
	if alias == "" {
		return m, false, nil // a constant
	}
	plan.walk(func(n planNode) {
		if n.Table != "" && m.table == "" && (n.Alias == unquoted(alias) || n.Alias == unquoted(alias)+"_1") { // PostgreSQL numbers the aliases of partitions and inheriting tables
			m.table = pgx.Identifier{n.Schema, n.Table}.Sanitize()
		}
	})
	if m.table == "" {
		return m, false, nil
	}
	m.sql = dotted.ReplaceAllString(expression, "$1$3")
	var root pgx.Identifier = make([]string, 2)
	err = tx.QueryRow(ctx, `select n.nspname::text, c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		where c.oid = coalesce(pg_partition_root($1::regclass), $1::regclass)`, m.table).Scan(&root[0], &root[1])
	m.table = root.Sanitize()
	return m, true, err
}

// unquoted is a name without the quotes that it needed.
func unquoted(printed string) string {
	if printed[0] != '"' {
		return printed
	}
	return strings.ReplaceAll(printed[1:len(printed)-1], `""`, `"`)
}
