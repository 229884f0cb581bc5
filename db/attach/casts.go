package attach

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// castWords puts a view in front of each view of the mapping that has an enum, a char(n) or a citext where a word belongs, so that what reads
// the word may compare it with any. It returns the SQL with which it did so.
func castWords(ctx context.Context, tx pgx.Tx) (sql string, err error) {
	for _, v := range views {
		if v.name == "watch" {
			continue
		}
		var words []string
		for _, c := range v.columns {
			if c.kind == sqltext.Word {
				words = append(words, c.name)
			}
		}
		var columns []string
		var cast bool
		err := tx.QueryRow(ctx, `
			select coalesce(array_agg(case when f.casts then format('%1$s::text as %1$s', quote_ident(a.attname)) else quote_ident(a.attname) end order by a.attnum), '{}'),
			       coalesce(bool_or(f.casts), false)
			  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
			  join pg_catalog.pg_type t on t.oid = a.atttypid
			 cross join lateral (select a.attname = any ($2) and t.typcategory in ('E', 'S') and `+baseType("t.oid")+` not in ('text', 'character varying') as casts) f
			 where c.relnamespace = 'kitchen'::regnamespace and c.relname = $1 and c.relkind = 'v'`, v.name, words).Scan(&columns, &cast)
		if err != nil {
			return "", fmt.Errorf("look for words of kitchen.%s: %w", v.name, err)
		}
		if cast {
			sql += fmt.Sprintf("alter view kitchen.%[1]s rename to %[1]s_as_written;\ncreate view kitchen.%[1]s as\nselect %[2]s\n  from kitchen.%[1]s_as_written;\n\n",
				v.name, strings.Join(columns, ", "))
		}
	}
	if sql == "" {
		return "", nil
	}
	return "-- What the mapping has as an enum, a char(n) or a citext, as text.\n" + sql, run(ctx, tx, sql)
}
