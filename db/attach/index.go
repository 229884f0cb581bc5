package attach

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach/sqltext"
)

// mendIndex returns the statement that makes a missing index, after trying it on an empty copy of the table. It returns nothing where the
// table has such an index, and PostgreSQL does not use it because the table is small.
func mendIndex(ctx context.Context, tx pgx.Tx, table, index string) (mend string, err error) {
	err = atSavepoint(ctx, tx, func() error {
		var root pgx.Identifier = make([]string, 2)
		var partition bool
		if err := tx.QueryRow(ctx, `select n.nspname::text, c.relname::text, c.oid <> $1::regclass from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			where c.oid = coalesce(pg_partition_root($1::regclass), $1::regclass)`, table).Scan(&root[0], &root[1], &partition); err != nil {
			return err
		}
		mend = "create index concurrently on " + table + " " + index
		if partition { // on the parent, PostgreSQL makes it for all partitions, also later ones, but not concurrently
			mend = "create index on " + root.Sanitize() + " " + index
		}
		if _, err := tx.Exec(ctx, "create table kitchen.probe (like "+table+"); create index probe_index on kitchen.probe "+index, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		var there bool
		err := tx.QueryRow(ctx, `select exists (select from pg_catalog.pg_index i where i.indrelid = $1::regclass and i.indisvalid
			and split_part(pg_get_indexdef(i.indexrelid), ' USING ', 2) = split_part(pg_get_indexdef('kitchen.probe_index'::regclass), ' USING ', 2))`, table).Scan(&there)
		if err != nil {
			return err
		}
		if there {
			mend = ""
		}
		return errRollback
	})
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errRollback):
		return mend, nil
	case errors.As(err, &pg) && pg.Code == "42P17": // invalid_object_definition: a function is not immutable
		return "make it of what every session writes alike, for an index to hold it: of a date (day - date '2000-01-01'), of an enum a case with its words", nil
	case errors.As(err, &pg):
		return "write the condition so that an index can serve it", nil
	}
	return "", err
}

// servedByIndex reports whether an index begins with a column by which the table is joined. A column that is cast does not count, because
// its index cannot be used.
func servedByIndex(ctx context.Context, tx pgx.Tx, n planNode, joins string) (served bool, err error) {
	var columns []string
	for _, m := range ownColumns(n, joins) {
		columns = append(columns, strings.ReplaceAll(strings.Trim(m, `"`), `""`, `"`))
	}
	err = tx.QueryRow(ctx, `
		select exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
		                where i.indrelid = $1::regclass and i.indisvalid and i.indpred is null and a.attname = any ($2))`,
		pgx.Identifier{n.Schema, n.Table}.Sanitize(), columns).Scan(&served)
	return served, err
}

// holdsJustThese reports whether a step reads a partial index that has the wanted rows and no others, as where there is but one restaurant.
func holdsJustThese(ctx context.Context, tx pgx.Tx, n planNode) (just bool, err error) {
	if n.Index == "" || n.Filter != "" {
		return false, nil
	}
	err = tx.QueryRow(ctx, `select exists (select from pg_catalog.pg_index i where i.indexrelid = to_regclass($1) and i.indpred is not null)`,
		pgx.Identifier{n.Schema, n.Index}.Sanitize()).Scan(&just)
	return just, err
}

// ownColumns are the table's columns that are compared in the joins of a plan, as PostgreSQL prints them.
func ownColumns(n planNode, joins string) (columns []string) {
	own := regexp.MustCompile(`(?:^|[^\w"])"?` + regexp.QuoteMeta(n.Alias) + `"?\.("(?:[^"]|"")+"|\w+)( =|\))`)
	for _, m := range own.FindAllStringSubmatchIndex(joins, -1) {
		if !strings.HasPrefix(joins[m[5]-1:], ")::") {
			columns = append(columns, joins[m[2]:m[3]])
		}
	}
	return columns
}

// lookedFor matches the sample keys of checkPlans in a plan's condition.
var lookedFor = regexp.MustCompile(`^(?:ANY )?\(?'?\{?(?:1|00000000-0000-4000-8000-000000000000)\b`)

// indexFor returns the columns of the missing index, from the column behind the view's key or from the conditions of the plan.
func indexFor(n planNode, joins, key string, partial bool) string {
	var rest []string
	bare := regexp.MustCompile(`(^|[^\w".])"?` + regexp.QuoteMeta(n.Alias) + `"?\.`)
	comparison := regexp.MustCompile(`^\(*(?:"?` + regexp.QuoteMeta(n.Alias) + `"?\.)?("[^"]+"|\w+)\)?(?:::[\w ]+)? = (.*)`)
	for _, c := range sqltext.Conjuncts(n.Filter) { // what is looked for goes before other words that a column is compared with
		if m := comparison.FindStringSubmatch(c); key == "" && m != nil && lookedFor.MatchString(m[2]) {
			key = m[1]
		}
	}
	for _, c := range sqltext.Conjuncts(n.Filter) {
		if c == "" || key != "" && strings.HasPrefix(strings.TrimLeft(bare.ReplaceAllString(c, "$1"), "("), strings.TrimLeft(key, "(")+" = ") {
			continue // compared with the key
		}
		if m := comparison.FindStringSubmatch(c); m != nil && (key == "" || m[1] == key || sqltext.Quote(m[1]) == key) {
			if key == "" {
				key = m[1]
			}
			continue
		}
		if !strings.Contains(c, "SubPlan") && !strings.Contains(c, "$") {
			rest = append(rest, strings.ReplaceAll(c, n.Alias+".", ""))
		}
	}
	if key == "" {
		key = expressionOf(n)
	}
	if key == "" {
		if own := ownColumns(n, joins); len(own) > 0 {
			key = own[0]
		}
	}
	if key == "" {
		return ""
	}
	index := "(" + key + ")"
	if !sqltext.IsPlain(key) && !strings.HasPrefix(key, `"`) {
		index = "(" + index + ")"
	}
	if partial && len(rest) > 0 {
		index += " where " + strings.Join(rest, " and ")
	}
	return index
}

// expressionOf is the expression by which the table's rows are compared where that is not a plain column, such as a key that the view
// puts together from several.
func expressionOf(n planNode) string {
	own := regexp.MustCompile(`(^|[^\w"."])"?` + regexp.QuoteMeta(n.Alias) + `"?\.`)
	for _, c := range sqltext.Conjuncts(n.Filter) {
		depth, at := 0, -1
		for i := 0; i < len(c) && at < 0; i++ {
			switch {
			case c[i] == '(':
				depth++
			case c[i] == ')':
				depth--
			case depth <= 1 && strings.HasPrefix(c[i:], " = "): // the whole may be in parentheses
				at = i
			}
		}
		if at < 0 {
			continue
		}
		if depth == 1 {
			c, at = c[1:], at-1
		}
		left := own.ReplaceAllString(c[:at], "$1")
		if strings.Contains(left, "||") && left != c[:at] && !strings.Contains(left, "SubPlan") {
			return sqltext.WithoutOuter(left)
		}
	}
	return ""
}

// manyRows is the size from which reading all past orders of a restaurant takes noticeably long.
const manyRows = 50_000

// reportPast reports that a read uses an index. Where there are many orders, it names the index that would save reading all that the
// restaurant ever had.
func reportPast(ctx context.Context, tx pgx.Tx, what, column string, plan planNode, report *Report) error {
	table, _, found, err := origin(ctx, tx, "orders", "id")
	if err != nil {
		return err
	}
	key, mend := "", ""
	var rows float64
	if found && column == "restaurant_id" {
		var owner uint32
		if owner, key, found, err = origin(ctx, tx, "orders", column); err != nil {
			return err
		}
		found = found && owner == table
	}
	if found && key != "" {
		var name pgx.Identifier = make([]string, 2)
		if err := tx.QueryRow(ctx, `select n.nspname::text, c.relname::text, c.reltuples::float8 from pg_catalog.pg_class c
			join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = $1`, table).Scan(&name[0], &name[1], &rows); err != nil {
			return err
		}
		plan.walk(func(n planNode) {
			if n.Schema == name[0] && n.Table == name[1] && n.Filter != "" {
				mend = "create index concurrently on " + name.Sanitize() + " " + indexFor(n, "", sqltext.Quote(key), true)
			}
		})
		if what == recently && mend != "" {
			owner, left, plain, err := origin(ctx, tx, "orders", "left_at")
			if err != nil {
				return err
			}
			if mend = ""; plain && owner == table {
				mend = "create index concurrently on " + name.Sanitize() + " (" + sqltext.Quote(key) + ", " + sqltext.Quote(left) + ")"
			}
			served := false
			plan.walk(func(n planNode) { served = served || strings.Contains(n.Cond, left) })
			if served {
				mend = ""
			}
		}
	}
	if mend == "" || rows < manyRows {
		report.add("plans", OK, "", "%s: by index", what)
	} else {
		report.add("plans", Warning, mend, "%s: all orders that the restaurant ever had are read for it", what)
	}
	return nil
}
