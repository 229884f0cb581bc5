package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Installed checks whether the triggers of the installed mapping still fit its views, which a migration of the host may have changed. It
// changes nothing: its transaction is rolled back. Without a mapping there is no finding.
func Installed(ctx context.Context, conn *pgx.Conn) (report Report, err error) {
	err = RolledBack(ctx, conn, func(tx pgx.Tx) error {
		if s, err := look(ctx, tx); err != nil || s != attached {
			return err
		}
		var mayCreate bool // what reading the rules of kitchen.watch needs
		if err := tx.QueryRow(ctx, `select has_schema_privilege('kitchen', 'create')`).Scan(&mayCreate); err != nil {
			return fmt.Errorf("ask for this role's rights: %w", err)
		}
		if !mayCreate {
			if err := checkWatched(ctx, tx, &report); err != nil {
				return err
			}
			return reportTrouble(ctx, tx, &report)
		}
		if err := inspect(ctx, tx, &report); err != nil {
			return err
		}
		return reportTrouble(ctx, tx, &report)
	})
	return report, err
}

// inspect compares triggers and their functions with those that would be generated for the views now.
func inspect(ctx context.Context, tx pgx.Tx, report *Report) error {
	d, err := readModel(ctx, tx, nil)
	var r *RefusedError
	if errors.As(err, &r) {
		report.add("mapping", Wrong, mendAttach, "what is installed no longer fits this database: %s", r.Means)
		return nil
	}
	if err != nil {
		return err
	}
	g := generator{model: d, Notify: "pg_notify"}
	for i, s := range d.sources {
		if err := g.checkSource(ctx, tx, i, report); err != nil {
			return fmt.Errorf("look at the triggers of %s: %w", s.label(), err)
		}
	}
	if err := g.checkMade(ctx, tx, report); err != nil {
		return err
	}
	if len(*report) == 0 {
		report.add("mapping", OK, "", "triggers on %d tables fit the views", len(d.sources))
	}
	return nil
}

// fits reports whether what is installed is as it was installed, so that the same mapping need not be installed again.
func fits(ctx context.Context, tx pgx.Tx) (bool, error) {
	var report Report
	err := atSavepoint(ctx, tx, func() error {
		if err := inspect(ctx, tx, &report); err != nil {
			return err
		}
		return errRollback
	})
	if !errors.Is(err, errRollback) {
		return false, err
	}
	return report.Worst() == OK, nil
}

const mendAttach = "kitchen attach check FILE says more, kitchen attach up FILE mends it"

// checkWatched reports installed triggers that no longer fire, which is all that a role without rights on the schema can see.
func checkWatched(ctx context.Context, tx pgx.Tx, report *Report) error {
	rows, err := tx.Query(ctx, `
		select format('%I.%I', w.table_schema, w.table_name), w.trigger_name::text, t.oid is null
		  from kitchen.watched w
		  left join pg_catalog.pg_namespace n on n.nspname = w.table_schema
		  left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
		  left join pg_catalog.pg_trigger t on t.tgrelid = c.oid and t.tgname = w.trigger_name
		 where t.oid is null or t.tgenabled <> 'A' order by 1, 2`)
	if err != nil {
		return fmt.Errorf("look at the triggers: %w", err)
	}
	var table, trigger string
	var missing bool
	_, err = pgx.ForEachRow(rows, []any{&table, &trigger, &missing}, func() error {
		if missing {
			report.add("mapping", Wrong, mendAttach, "the trigger %s of %s is missing", trigger, table)
		} else {
			report.add("mapping", Wrong, fmt.Sprintf("alter table %s enable always trigger %s", table, trigger), "the trigger %s of %s is disabled, or silent in replicas", trigger, table)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at the triggers: %w", err)
	}
	if len(*report) == 0 {
		report.add("mapping", OK, "", "all triggers are there, and fire in every session; whether they still fit the views only the owner of the schema kitchen can "+
			"compare: after a migration of the host, run kitchen doctor as that role")
	}
	return nil
}

// checkSource compares a table's trigger function and triggers with what would be generated now.
func (g generator) checkSource(ctx context.Context, tx pgx.Tx, i int, report *Report) error {
	s := g.sources[i]
	_, body, _ := strings.Cut(g.watch(i), "as $$")
	body, _, _ = strings.Cut(body, "$$;")
	var source *string
	err := tx.QueryRow(ctx, `select (select p.prosrc from pg_catalog.pg_proc p where p.pronamespace = 'kitchen'::regnamespace and p.proname = $1)`,
		g.functionName(i)).Scan(&source)
	if err != nil {
		return err
	}
	switch {
	case source == nil:
		report.add("mapping", Wrong, mendAttach, "%s is read by the views, and nothing watches it: its changes wake nobody", s.label())
		return nil
	case strings.TrimSpace(*source) != strings.TrimSpace(body):
		report.add("mapping", Wrong, mendAttach, "the trigger function of %s watches other columns than the views read now, or is of another version of this program", s.label())
	}
	var retyped []string // the trigger would compare what is left of a value after a cast
	err = tx.QueryRow(ctx, `
		select coalesce(array_agg(a.attname::text), '{}') from pg_catalog.pg_attribute a join pg_catalog.pg_attribute k on k.attname = a.attname and k.atttypid <> a.atttypid
		 where a.attrelid = $1 and k.attrelid = to_regclass('kitchen.' || $2)`, s.oid, g.seenName(i)).Scan(&retyped)
	if err != nil {
		return err
	}
	if len(retyped) > 0 {
		report.add("mapping", Wrong, mendAttach, "%s has another type by now in: %s", s.label(), strings.Join(retyped, ", "))
	}
	for _, target := range s.targets {
		var missing, disabled []string
		err := tx.QueryRow(ctx, `
			select array_remove(array_agg(case when t.oid is null then e end), null), array_remove(array_agg(case when t.tgenabled <> 'A' then e end), null)
			  from unnest(array['insert', 'update', 'delete', 'truncate']) e
			  left join pg_catalog.pg_trigger t on t.tgrelid = $1::regclass and t.tgname = 'kitchen_watch_' || e`, target).Scan(&missing, &disabled)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			report.add("mapping", Wrong, mendAttach, "%s has no trigger for %s: it was made after the mapping was installed, as a new partition is, or made again", target, strings.Join(missing, ", "))
		}
		for _, e := range disabled {
			report.add("mapping", Wrong, fmt.Sprintf("alter table %s enable always trigger kitchen_watch_%s", target, e), "the trigger for %s of %s is disabled, or silent in replicas", e, target)
		}
	}
	return nil
}

// reportTrouble reports what nodes cannot read now, and errors that triggers have caught.
func reportTrouble(ctx context.Context, tx pgx.Tx, report *Report) error {
	if err := checkReadable(ctx, tx, report); err != nil {
		return err
	}
	if err := checkWords(ctx, tx, report); err != nil {
		return err
	}
	return reportErrors(ctx, tx, report)
}

// checkReadable reads what kitchens would read now. A value of the host that a view cannot convert keeps the displays of its restaurant
// from being live.
func checkReadable(ctx context.Context, tx pgx.Tx, report *Report) error {
	for _, r := range []struct{ view, sql string }{
		{"restaurants", `select count(r::text) from kitchen.restaurants r`},
		{"users", `select count(u::text) from (select * from kitchen.users limit 10000) u`},
		{"orders", `select count(o::text) from (select * from kitchen.orders o where o.open limit 10000) o`},
		{"lines", `select count(l::text) from (select o.id from kitchen.orders o where o.open limit 2000) o cross join lateral (select * from kitchen.lines l where l.order_id = o.id offset 0) l`},
		{"modifiers", `select count(m::text) from (select o.id from kitchen.orders o where o.open limit 2000) o cross join lateral (select * from kitchen.lines l where l.order_id = o.id offset 0) l
			cross join lateral (select * from kitchen.modifiers m where m.line_id = l.id offset 0) m`},
	} {
		err := atSavepoint(ctx, tx, func() error {
			if _, err := tx.Exec(ctx, "set local statement_timeout = '5s'"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, r.sql); err != nil {
				return err
			}
			return errRollback
		})
		var pg *pgconn.PgError
		switch {
		case errors.Is(err, errRollback), errors.As(err, &pg) && (pg.Code == "57014" || pg.Code == "42P01" || pg.Code == "42501"):
			// It was read, or could not be for a reason that another check reports: a timeout, a missing table, a missing right.
		case errors.As(err, &pg):
			report.add("mapping", Wrong, "mend the host's row that breaks it, or write the view so that no value can; "+mendAttach,
				"kitchen.%s cannot be read: %s (SQLSTATE %s); displays of the restaurants concerned say that they are not live", r.view, pg.Message, pg.Code)
			return nil
		default:
			return fmt.Errorf("read kitchen.%s: %w", r.view, err)
		}
	}
	return nil
}

// reportErrors reports errors that triggers have caught in the last hour.
func reportErrors(ctx context.Context, tx pgx.Tx, report *Report) error {
	rows, err := tx.Query(ctx, `
		select distinct on (e.source, e.sqlstate) e.source, e.sqlstate, e.message from kitchen.trigger_errors e
		 where e.at > now() - interval '1 hour' order by e.source, e.sqlstate, e.at desc limit 10`)
	if err != nil {
		return fmt.Errorf("read what triggers have caught: %w", err)
	}
	var source, state, message string
	_, err = pgx.ForEachRow(rows, []any{&source, &state, &message}, func() error {
		level, mend := Wrong, "mend the view or the host's row that breaks it; "+mendAttach
		switch state {
		case "42501": // insufficient_privilege
			mend = "give the role that attached its right again; on a table that forces row-level security on its owner, that is bypassrls; kitchen attach check FILE says whether it has all"
		case "55P03": // lock_not_available
			level, message = Warning, "another session held a lock on a table of the schema kitchen or behind its views, and nobody waits for that"
			mend = "where it comes again, see who holds one: select a.pid, a.application_name, a.query, l.relation::regclass, l.mode from pg_locks l join pg_stat_activity a using (pid) where l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
		}
		report.add("mapping", level, mend,
			"a change of %s was not announced in the last hour: %s (SQLSTATE %s); displays follow at their periodic check", source, message, state)
		return nil
	})
	return err
}
