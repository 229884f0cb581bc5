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

// Version is the version of an attached mapping in goose's table, kitchen.goose_db_version. The versions of the project's own migrations
// are far below.
const Version = 1_000_000

// state is what a database has in the schema kitchen.
type state int

const (
	nothing  state = iota
	empty          // a schema without anything in it: an administrator made it for us
	attached       // a mapping of ours
	ours           // the project's own tables
	foreign        // somebody else's schema of that name
)

func look(ctx context.Context, tx pgx.Tx) (s state, err error) {
	err = tx.QueryRow(ctx, `
		select case when to_regnamespace('kitchen') is null then 0
		            when to_regclass('kitchen.mapping') is not null then 2
		            when to_regclass('kitchen.order_changes') is not null or to_regclass('kitchen.goose_db_version') is not null then 3
		            when not exists (select from pg_catalog.pg_class where relnamespace = to_regnamespace('kitchen'))
		             and not exists (select from pg_catalog.pg_proc where pronamespace = to_regnamespace('kitchen')) then 1
		            else 4 end`).Scan(&s)
	if err != nil {
		return 0, fmt.Errorf("look at the schema kitchen: %w", err)
	}
	return s, nil
}

// prepare removes an earlier mapping in the transaction, or refuses a database that cannot be attached.
func prepare(ctx context.Context, tx pgx.Tx) error {
	if err := alone(ctx, tx); err != nil {
		return err
	}
	var version int
	var role, database string
	var mayCreate bool
	err := tx.QueryRow(ctx, `select current_setting('server_version_num')::int, current_user::text, current_database()::text,
		has_database_privilege(current_database(), 'create')`).Scan(&version, &role, &database, &mayCreate)
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	if version < 140000 {
		return &RefusedError{"", fmt.Sprintf("the server is PostgreSQL %d", version/10000), "attach needs 14 or later"}
	}
	was, err := look(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case was == foreign:
		return &RefusedError{"", "this database has a schema kitchen that is not of this program",
			"rename it (alter schema kitchen rename to …), or attach in another database"}
	case was == ours:
		return &RefusedError{"", "this database has this program's own tables: there is nothing to attach",
			"write orders as migrations/README.md says; or kitchen migrate down --all, and attach then"}
	case was == nothing && !mayCreate:
		return &RefusedError{"", fmt.Sprintf("the role %s may not create a schema in the database %s", role, database),
			fmt.Sprintf("let an administrator run: create schema kitchen authorization %s", sqltext.Quote(role))}
	case was == attached:
		if err := remove(ctx, tx, false); err != nil {
			return err
		}
	}
	return nil
}

// read makes everything but the triggers in the transaction, and reads the model from the catalog.
func (m *Mapping) read(ctx context.Context, tx pgx.Tx) (*model, error) {
	var types keys
	// First without the key domains, to learn of what type they are: functions of the mapping may name them.
	err := atSavepoint(ctx, tx, func() error {
		if _, err := tx.Exec(ctx, "do $$ begin if to_regnamespace('kitchen') is null then create schema kitchen; end if; end $$"); err != nil {
			return err
		}
		for _, s := range m.statements {
			one := &Mapping{Name: m.Name, text: m.text, statements: []statement{s}}
			failed := atSavepoint(ctx, tx, func() error { return one.apply(ctx, tx) })
			var r *RefusedError
			if failed != nil && !(errors.As(failed, &r) && strings.Contains(r.Means, "_key") && strings.Contains(r.Means, "does not exist")) {
				return failed
			}
		}
		if _, err := castWords(ctx, tx); err != nil {
			return err
		}
		d := &model{}
		if err := d.readColumns(ctx, tx, m); err != nil {
			return err
		}
		types = d.keys
		return errRollback
	})
	if !errors.Is(err, errRollback) {
		return nil, err
	}
	g := generator{model: &model{keys: types}, Notify: "pg_notify"}
	if err := run(ctx, tx, g.frame()); err != nil {
		return nil, err
	}
	if err := m.apply(ctx, tx); err != nil {
		return nil, err
	}
	casts, err := castWords(ctx, tx)
	if err != nil {
		return nil, err
	}
	d, err := readModel(ctx, tx, m)
	if err != nil {
		return nil, err
	}
	d.casts = casts
	return d, nil
}

// run executes generated statements.
func run(ctx context.Context, tx pgx.Tx, sql string) error {
	_, err := tx.Conn().PgConn().Exec(ctx, sql).ReadAll()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if pg.Code == "42501" {
		return &RefusedError{"", pg.Message, "triggers belong to the owner of a table: attach as the owner of the tables, or as a member of the roles that own them; or leave the table out of the views, where its rows need not show"}
	}
	return fmt.Errorf("run the generated SQL: %w", err)
}

// Up installs a mapping, in one transaction. done is false where the same is installed already and unchanged.
func Up(ctx context.Context, conn *pgx.Conn, m *Mapping) (done bool, err error) {
	err = patiently(ctx, conn, func() error {
		done, err = install(ctx, conn, m)
		return err
	})
	return done, err
}

func install(ctx context.Context, conn *pgx.Conn, m *Mapping) (done bool, err error) {
	tx, err := begin(ctx, conn)
	if err != nil {
		return false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
	if err := alone(ctx, tx); err != nil {
		return false, err
	}
	var before string
	var fit bool
	madeSchema := true
	if s, err := look(ctx, tx); err != nil {
		return false, err
	} else if s == attached {
		if err := tx.QueryRow(ctx, `select fingerprint, made_schema from kitchen.mapping limit 1`).Scan(&before, &madeSchema); err != nil {
			return false, fmt.Errorf("read which mapping is installed: %w", err)
		}
		if fit, err = fits(ctx, tx); err != nil {
			return false, err
		}
		if err := saveRows(ctx, tx); err != nil {
			return false, err
		}
	} else if s == empty {
		madeSchema = false
	}
	if err := prepare(ctx, tx); err != nil {
		return false, err
	}
	var d *model
	err = atSavepoint(ctx, tx, func() error {
		if d, err = m.read(ctx, tx); err != nil {
			return err
		}
		return errRollback // the migration, which a DBA can read, then makes everything
	})
	if !errors.Is(err, errRollback) {
		return false, err
	}
	sql := m.up(generator{model: d, Notify: "pg_notify"})
	if fit && strings.Contains(sql, "'"+before+"'") {
		return false, nil
	}
	if err := takeSources(ctx, tx, d); err != nil {
		return false, err
	}
	if err := run(ctx, tx, sql); err != nil {
		return false, err
	}
	if before != "" {
		if err := restoreRows(ctx, tx); err != nil {
			return false, err
		}
		// Displays that are open show what the views said before, and no row of the host's changes.
		if err := run(ctx, tx, `select kitchen.touch_queues(array(select id from kitchen.restaurants)), kitchen.touch_users('{*}')`); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(ctx, `update kitchen.mapping set made_schema = $1`, madeSchema); err != nil {
		return false, fmt.Errorf("note the mapping: %w", err)
	}
	err = run(ctx, tx, fmt.Sprintf(`
		create table if not exists kitchen.goose_db_version (
		  id integer primary key generated by default as identity, version_id bigint not null, is_applied boolean not null,
		  tstamp timestamp not null default now());
		insert into kitchen.goose_db_version (version_id, is_applied) values (0, true), (%d, true)`, Version))
	if err != nil {
		return false, fmt.Errorf("note the version: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return false, fmt.Errorf("commit: %w", err)
	}
	return true, nil
}
