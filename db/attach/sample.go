package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach/sqltext"
)

// place identifies a row.
type place struct {
	Table uint32
	CTID  string
}

// sample chooses rows, preferring those of open orders.
func (p *proof) sample(ctx context.Context, s *source) ([]place, error) {
	order := "true"
	for _, r := range s.rules {
		if r.orders && !r.array {
			order = fmt.Sprintf(`exists (select from kitchen.orders o where o.id = (%s)::kitchen.order_key and o.open)`, r.sql)
			break
		}
	}
	newest := ""
	if len(s.key) > 0 {
		newest = " order by " + strings.ReplaceAll(list(s.key, ""), ",", " desc,") + " desc"
	}
	rows, err := p.tx.Query(ctx, fmt.Sprintf(`select tableoid, ctid::text from (select tableoid, ctid, * from %s%s limit 200) as %s order by (%s) is true desc limit %d`,
		s.table(), newest, sqltext.Quote(s.name), order, sampleMost))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[place])
}

// mutations returns SQL for other values of a column. The first is one that another row has, which constraints probably allow.
func (s *source) mutations(c column) []string {
	q := sqltext.Quote(c.name)
	all := []string{fmt.Sprintf(`select x.v from (select y.%s as v from %s y limit 2000) x where x.v::text is distinct from t.%[1]s::text and x.v is not null limit 1`, q, s.table())}
	switch c.base {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		return append(all, "coalesce(t."+q+", 0) + 1")
	case "boolean":
		return append(all, "not coalesce(t."+q+", false)")
	case "timestamp with time zone", "timestamp without time zone":
		return append(all, "coalesce(t."+q+", now()) + interval '1 second'")
	case "date":
		return append(all, "coalesce(t."+q+", current_date) + 1")
	case "uuid":
		return append(all, "gen_random_uuid()")
	case "jsonb": // an array twice over
		return append(all, "t."+q+" || t."+q)
	}
	switch c.kind {
	case "S":
		return append(all, fmt.Sprintf("left(coalesce(t.%s::text, '') || 'x', 200)::%s", q, c.typ), fmt.Sprintf("overlay(coalesce(t.%s::text, '') placing 'x' from 1 for 1)::%s", q, c.typ))
	case "E":
		return append(all, fmt.Sprintf("select e.v from unnest(enum_range(null::%s)) e (v) where e.v is distinct from t.%s limit 1", c.base, q))
	case "A":
		return append(all, "array_append(t."+q+", null)")
	}
	return all
}

// change makes a change after a savepoint, and compares. did is false where the host's constraints refuse the change; seen says that a view
// showed it.
func (p *proof) change(ctx context.Context, s *source, what string, do func() (int64, error)) (did, seen bool, err error) {
	err = atSavepoint(ctx, p.tx, func() error {
		n, err := do()
		if did = err == nil && n > 0; !did {
			return errRollback // a constraint of the host forbids it
		}
		if seen, err = p.compare(ctx, s, what, p.before); err != nil {
			return err
		}
		return errRollback
	})
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errRollback):
		return did, seen, nil
	case errors.Is(err, errSeveralRows):
		return false, false, nil
	case errors.As(err, &pg) && p.broken[s.label()]:
		return did, false, nil
	case errors.As(err, &pg):
		p.broken[s.label()] = true
		p.report.add("changes", Warning, "write the view so that no value of the host can break it",
			"%s: after %s of %s the views cannot be read: %s", p.mapping.Name, what, s.label(), pg.Message)
		return did, false, nil
	}
	return did, seen, err
}

// deleteAndInsert deletes a row, and inserts it again as another transaction would.
func (p *proof) deleteAndInsert(ctx context.Context, s *source, at place) (tried, showed int, err error) {
	err = atSavepoint(ctx, p.tx, func() error {
		var row string
		var given []string
		for _, c := range s.all {
			if !c.generated {
				given = append(given, c.name)
			}
		}
		err := p.tx.QueryRow(ctx, fmt.Sprintf(`select to_jsonb(t)::text from %s t where t.ctid = $1::tid and t.tableoid = $2`, s.table()), at.CTID, at.Table).Scan(&row)
		if err != nil {
			return err
		}
		for i, do := range []func() (int64, error){
			func() (int64, error) {
				tag, err := p.tx.Exec(ctx, fmt.Sprintf(`delete from %s t where t.ctid = $1::tid and t.tableoid = $2`, s.table()), at.CTID, at.Table)
				return tag.RowsAffected(), err
			},
			func() (int64, error) {
				tag, err := p.tx.Exec(ctx, fmt.Sprintf(`insert into %s (%s) overriding system value select %[2]s from jsonb_populate_record(null::%[1]s, $1::jsonb)`, s.table(), list(given, "")), row)
				return tag.RowsAffected(), err
			},
		} {
			if _, err := p.tx.Exec(ctx, `with d as (delete from kitchen.order_changes where xact = pg_current_xact_id()::text::bigint and version > 0)
				select set_config('kitchen.announced', '', true)`); err != nil {
				return err
			}
			if _, err := p.tx.Exec(ctx, `delete from kitchen.collected`); err != nil {
				return err
			}
			before, err := p.facts(ctx)
			if err != nil {
				return err
			}
			if n, err := do(); err != nil || n == 0 {
				return errors.Join(err, errRollback)
			}
			tried++
			seen, err := p.compare(ctx, s, []string{"deleting a row", "inserting a row"}[i], before)
			if err != nil {
				return err
			}
			if seen {
				showed++
			}
		}
		return errRollback
	})
	var pg *pgconn.PgError
	if errors.Is(err, errRollback) || errors.Is(err, errSeveralRows) || errors.As(err, &pg) {
		err = nil // constraints of the host forbid it
	}
	return tried, showed, err
}
