package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3/lock"

	"kitchen/db"
	"kitchen/migrations"
)

// remade returns the statements of the migrations that make functions, views and triggers, in their order and with "or replace". They
// may run again: they change only what was dropped or replaced.
func remade() (statements []string) {
	files, _ := fs.Glob(migrations.FS, "*.sql") // whose pattern is a good one
	for _, name := range files {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			continue // an embedded file can always be read
		}
		_, up, _ := strings.Cut(string(text), "-- +goose Up\n")
		up, _, _ = strings.Cut(up, "-- +goose Down\n")
		for _, s := range split(up) {
			switch {
			case repeatable.MatchString(s):
				statements = append(statements, s)
			case made.MatchString(s):
				statements = append(statements, "create or replace"+strings.TrimPrefix(s, "create"))
			}
		}
	}
	return statements
}

var (
	made       = regexp.MustCompile(`^create (function|trigger|view)\s`)
	repeatable = regexp.MustCompile(`^(alter table \S+ enable always trigger|revoke execute on function)\s`)
	called     = regexp.MustCompile(`^create or replace function (\S+?)\(`)
)

// split splits a migration into statements, as goose does: at a semicolon that ends a line, or at goose's StatementEnd.
func split(text string) (statements []string) {
	var statement strings.Builder
	whole := false
	end := func() {
		if s := strings.TrimSpace(statement.String()); s != "" {
			statements = append(statements, s)
		}
		statement.Reset()
	}
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		switch {
		case strings.HasPrefix(line, "-- +goose StatementBegin"):
			whole = true
		case strings.HasPrefix(line, "-- +goose StatementEnd"):
			whole = false
			end()
		case !whole && statement.Len() == 0 && strings.TrimSpace(code) == "":
		default:
			statement.WriteString(line)
			if !whole && strings.HasSuffix(strings.TrimSpace(code), ";") {
				end()
			}
		}
	}
	return statements
}

// Functions returns the bodies of the functions that the migrations make, by name. For a function that is one SQL expression it is the
// whole statement, because the server keeps that parsed and not as text.
func Functions() map[string]string {
	texts := map[string]string{}
	for _, s := range remade() {
		if name := called.FindStringSubmatch(s); name != nil {
			name := name[1]
			if !strings.Contains(name, ".") {
				name = "public." + name
			}
			texts[name] = s
			if parts := strings.Split(s, "$$"); len(parts) == 3 {
				texts[name] = parts[1]
			}
		}
	}
	return texts
}

// repair makes all functions, views and triggers again in one transaction, and prints what it has done. Readers go on meanwhile;
// writers wait for a moment.
func repair(ctx context.Context, url string, stdout io.Writer) (err error) {
	if attached, err := isAttached(ctx, url); err != nil {
		return err
	} else if attached {
		return errors.New("this database is attached to another program's tables, and no migration is applied: kitchen attach up FILE mends what was installed")
	}
	if made, err := versionsKept(ctx, url); err != nil {
		return err
	} else if !made {
		return errors.New("no migration is applied, so there is nothing to repair: kitchen migrate up")
	}
	if pending, err := pending(ctx, url); err != nil {
		return err
	} else if pending {
		return errors.New("migrations are not applied yet, and may need what a repair would replace: kitchen migrate up first")
	}
	conn, err := db.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to repair: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was done is committed by now
	statements := remade()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		begin := fmt.Sprintf(`set local search_path = public; set local lock_timeout = '10s'; select pg_advisory_xact_lock(%d)`, lock.DefaultLockID)
		for _, s := range append([]string{begin}, statements...) {
			if _, err := tx.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
				first, _, _ := strings.Cut(s, "\n")
				return fmt.Errorf("repair: %s: %w", first, withAdvice(err))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, "repaired: the functions, views and triggers are as the migrations make them")
	return nil
}

// withAdvice adds what to do about an error for which the server gives no hint.
func withAdvice(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "55P03": // lock_not_available
			return fmt.Errorf("%w: a transaction that is open holds the table: end it, and repair again; nothing was changed", err)
		case "42501": // insufficient_privilege
			return fmt.Errorf("%w: repair as the owner of the tables and functions; nothing was changed", err)
		case "42P01", "3F000", "42703": // undefined_table, invalid_schema_name, undefined_column
			return fmt.Errorf("%w: what holds data is not made again: restore the database; nothing was changed", err)
		}
	}
	return withHint(err)
}

var (
	table  = regexp.MustCompile(`^create table (\S+) \(\n`)
	column = regexp.MustCompile(`(?m)^  ([a-z_]+) +[a-z]`)
)

// Columns returns the columns that the migrations make, as "schema.table.column".
func Columns() (columns []string) {
	files, _ := fs.Glob(migrations.FS, "*.sql") // whose pattern is a good one
	for _, name := range files {
		text, _ := fs.ReadFile(migrations.FS, name) // an embedded file can always be read
		up, _, _ := strings.Cut(string(text), "-- +goose Down\n")
		for _, s := range split(up) {
			name := table.FindStringSubmatch(s)
			if name == nil {
				continue
			}
			full := name[1]
			if !strings.Contains(full, ".") {
				full = "public." + full
			}
			for _, c := range column.FindAllStringSubmatch(s, -1) {
				if c[1] != "constraint" && c[1] != "primary" && c[1] != "unique" && c[1] != "check" && c[1] != "foreign" {
					columns = append(columns, full+"."+c[1])
				}
			}
		}
	}
	return columns
}
