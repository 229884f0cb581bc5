package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose wants database/sql
	"github.com/pressly/goose/v3"

	"kitchen/migrations"
)

// An arbitrary number for the lock that is held while shared databases are built or dropped.
const templateLock = 0x6b69746368656e

const templatePrefix = "kitchen_template_"

// versionTable is where goose keeps its list, as `kitchen migrate` has it.
const versionTable = "kitchen.goose_db_version"

// prepare makes the template if it is missing, and drops what earlier runs left. One process at a time does this; others wait for it.
func (s *server) prepare(ctx context.Context) error {
	conn, err := s.admin.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("test server: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", templateLock); err != nil {
		return fmt.Errorf("test template: %w", err)
	}
	defer func() {
		_, _ = conn.Exec(ctx, "select pg_advisory_unlock($1)", templateLock) // ends with the connection in any case
	}()
	hash, err := migrationsHash(s.version, s.role)
	if err != nil {
		return fmt.Errorf("test template: %w", err)
	}
	s.template = templatePrefix + hash
	if err := s.buildTemplate(ctx, conn.Conn()); err != nil {
		return fmt.Errorf("test template: %w", err)
	}
	if err := s.dropOld(ctx, conn.Conn(), time.Now()); err != nil {
		return fmt.Errorf("drop old test databases: %w", err)
	}
	return nil
}

// migrationsHash names the template. Other migrations and another version of the server need another one; so does another role, because
// the tables in a copy belong to the owner of the template.
func migrationsHash(version int, role string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "server %d, role %s, versions in %s\n", version, role, versionTable)
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		b, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// buildTemplate migrates a database under another name and then renames it, so that an unfinished one is never used. After that nobody
// may connect to it, because a database with a connection cannot be copied.
func (s *server) buildTemplate(ctx context.Context, conn *pgx.Conn) error {
	var exists bool
	err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", s.template).Scan(&exists)
	if err != nil || exists {
		return err
	}
	building := s.template + "_building"
	url, err := databaseURL(s.url, building)
	if err != nil {
		return err
	}
	for _, sql := range []string{
		"drop database if exists " + ident(building) + " with (force)",
		"create database " + ident(building) + " template template0 encoding 'UTF8'",
		"comment on database " + ident(building) + " is '" + time.Now().UTC().Format(time.RFC3339) + "'",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := migrate(ctx, url); err != nil {
		return err
	}
	for _, sql := range []string{
		"alter database " + ident(building) + " with is_template true allow_connections false",
		"alter database " + ident(building) + " rename to " + ident(s.template),
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

func migrate(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := db.ExecContext(ctx, `create schema if not exists kitchen`); err != nil {
		db.Close()
		return fmt.Errorf("migrate: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithDisableGlobalRegistry(true),
		goose.WithTableName(versionTable))
	if err != nil {
		db.Close()
		return fmt.Errorf("migrate: %w", err)
	}
	_, err = p.Up(ctx)
	if closeErr := p.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
