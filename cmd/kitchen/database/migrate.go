package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"kitchen/db"
	"kitchen/migrations"
)

// Migrate runs `kitchen migrate` with a word: up, down, status or repair. It prints what it has done.
func Migrate(ctx context.Context, cfg Config, word string, all bool, stdout io.Writer) (err error) {
	database, err := Open(ctx, cfg, true, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Stop()) }()

	switch word {
	case "up":
		done, err := database.migrateUp(ctx)
		printMigrations(stdout, "applied", "nothing to do: the database is up to date", done, err)
		return err
	case "down":
		done, err := migrateDown(ctx, database.DirectURL, all)
		printMigrations(stdout, "undone", "nothing to undo: no migration is applied", done, err)
		return err
	case "repair":
		return repair(ctx, database.DirectURL, stdout)
	default:
		return migrateStatus(ctx, database.DirectURL, stdout)
	}
}

func printMigrations(w io.Writer, verb, nothing string, done []*goose.MigrationResult, err error) {
	for _, m := range done {
		if m.Error == nil {
			fmt.Fprintf(w, "%s %s (%s)\n", verb, migrationName(m.Source), m.Duration.Round(time.Millisecond))
		}
	}
	if len(done) == 0 && err == nil {
		fmt.Fprintln(w, nothing)
	}
}

func migrationName(s *goose.Source) string { return strings.TrimSuffix(path.Base(s.Path), ".sql") }

// PrintRole prints the SQL that makes the role of a node.
func PrintRole(w io.Writer) error {
	_, err := io.WriteString(w, migrations.ServeRole)
	return err
}

// migrateUp applies the migrations that are missing. Where two processes do so at the same time, one waits, and finds nothing to
// do. It changes nothing where a name that it needs is taken, and checks afterwards that everything the program reads is there.
func (d *Database) migrateUp(ctx context.Context) (done []*goose.MigrationResult, err error) {
	pool, err := db.Open(ctx, d.DirectURL)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if err := pool.CheckMigratable(ctx); err != nil {
		return nil, err
	}
	if err := pool.MakeSchema(ctx); err != nil {
		return nil, err
	}
	done, err = migrate(d.DirectURL, func(provider *goose.Provider) ([]*goose.MigrationResult, error) {
		return provider.Up(ctx)
	})
	switch {
	case d.DataDir != "" && madeForOthers(err):
		return done, fmt.Errorf("%w: where another build of this program has made the private database, %s", err, elsewhere(d.DataDir))
	case err != nil:
		return done, err
	}
	return done, d.explain(ctx, pool.CheckSchema(ctx))
}

// madeForOthers reports whether migrations met a database that others were made for: a name is missing or there already (class 42 of the
// SQLSTATEs), or newer migrations than ours are applied and some of ours are not.
func madeForOthers(err error) bool {
	var refused *pgconn.PgError
	return err != nil && (errors.As(err, &refused) && strings.HasPrefix(refused.Code, "42") || strings.Contains(err.Error(), "missing (out-of-order) migration"))
}

func migrateDown(ctx context.Context, url string, all bool) ([]*goose.MigrationResult, error) {
	if attached, err := isAttached(ctx, url); err != nil || attached {
		if err == nil {
			err = errors.New("this database is attached to another program's tables, and no migration is applied: kitchen attach down takes the mapping away")
		}
		return nil, err
	}
	if made, err := versionsKept(ctx, url); err != nil || !made {
		return nil, err
	}
	return migrate(url, func(provider *goose.Provider) ([]*goose.MigrationResult, error) {
		if all {
			return provider.DownTo(ctx, 0)
		}
		one, err := provider.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []*goose.MigrationResult{one}, nil
	})
}

func migrateStatus(ctx context.Context, url string, w io.Writer) error {
	if attached, err := isAttached(ctx, url); err != nil || attached {
		if err == nil {
			fmt.Fprintln(w, "no migration is needed: this database is attached to another program's tables (kitchen attach)")
		}
		return err
	}
	if made, err := versionsKept(ctx, url); err != nil || !made {
		if err == nil {
			fmt.Fprintln(w, "no migration is applied. "+db.Begin)
		}
		return err
	}
	_, err := migrate(url, func(provider *goose.Provider) ([]*goose.MigrationResult, error) {
		all, err := provider.Status(ctx)
		for _, m := range all {
			state := string(m.State)
			if m.State == goose.StateApplied {
				state += " " + m.AppliedAt.UTC().Format("2006-01-02 15:04:05 UTC")
			}
			fmt.Fprintf(w, "%-30s %s\n", migrationName(m.Source), state)
		}
		return nil, err
	})
	return err
}

func isAttached(ctx context.Context, url string) (bool, error) {
	pool, err := db.Open(ctx, url)
	if err != nil {
		return false, err
	}
	defer pool.Close()
	return pool.Attached(ctx)
}

// pending reports whether a migration has yet to be applied.
func pending(ctx context.Context, url string) (has bool, err error) {
	_, err = migrate(url, func(provider *goose.Provider) (_ []*goose.MigrationResult, err error) {
		has, err = provider.HasPending(ctx)
		return nil, err
	})
	return has, err
}

// migrate calls do with the migrations of the database at url. The context of what do runs is its own.
func migrate(url string, do func(*goose.Provider) ([]*goose.MigrationResult, error)) (
	done []*goose.MigrationResult, err error,
) {
	cfg, err := db.ConnConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = "kitchen-migrate" // whatever the address says
	pool := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, pool.Close()) }()
	provider, err := newProvider(pool)
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	done, err = do(provider)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		done = partial.Applied
		return done, fmt.Errorf("migration %s: %w", migrationName(partial.Failed.Source), withHint(partial.Err))
	}
	if err != nil {
		return done, fmt.Errorf("migrate: %w", withHint(err))
	}
	return done, nil
}

// versionsKept reports whether goose's table of applied migrations exists. Without it there is nothing to show or to undo; goose
// itself would create it.
func versionsKept(ctx context.Context, url string) (bool, error) {
	pool, err := db.Open(ctx, url)
	if err != nil {
		return false, err
	}
	defer pool.Close()
	return pool.VersionsKept(ctx)
}

// withHint adds the server's detail and hint to an error, where it gave them.
func withHint(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	for _, more := range []string{pg.Detail, pg.Hint} {
		if more != "" {
			err = fmt.Errorf("%w: %s", err, more)
		}
	}
	return err
}

// newProvider makes goose hold its advisory lock while it works. It waits for the lock for up to five minutes.
func newProvider(pool *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, migrations.FS, goose.WithSessionLocker(locker), goose.WithTableName(db.VersionTable),
		goose.WithDisableGlobalRegistry(true))
}
