package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	databasePrefix = "kitchen_test_"
	nameTime       = "20060102t150405"
	keepFor        = 24 * time.Hour
)

// databaseName says when the database was made, for whoever cleans up, and is unique among all processes and machines.
func databaseName(now time.Time) string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return databasePrefix + now.UTC().Format(nameTime) + "_" + hex.EncodeToString(b)
}

// madeAt reads when a database was made from its name.
func madeAt(name string) (time.Time, bool) {
	rest, _ := strings.CutPrefix(name, databasePrefix)
	stamp, _, _ := strings.Cut(rest, "_")
	at, err := time.Parse(nameTime, stamp)
	return at, err == nil
}

func (s *server) create(ctx context.Context, name string) (string, error) {
	strategy := ""
	if s.version >= 150000 {
		strategy = " strategy file_copy"
	}
	if _, err := s.admin.Exec(ctx, "create database "+ident(name)+" template "+ident(s.template)+strategy); err != nil {
		return "", fmt.Errorf("create a test database: %w", err)
	}
	return databaseURL(s.url, name)
}

func (s *server) drop(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "drop database if exists "+ident(name)+" with (force)"); err != nil {
		return fmt.Errorf("drop a test database: %w", err)
	}
	return nil
}

// dropOld drops the databases that earlier runs kept, or were killed before they could drop, and templates of other
// migrations, once they are older than a day.
func (s *server) dropOld(ctx context.Context, conn *pgx.Conn, now time.Time) error {
	rows, err := conn.Query(ctx, `
		select d.datname, d.datistemplate, coalesce(shobj_description(d.oid, 'pg_database'), '')
		  from pg_database d
		 where (d.datname like 'kitchen\_test\_%' or d.datname like 'kitchen\_template\_%')
		   and pg_has_role(d.datdba, 'usage')`)
	if err != nil {
		return err
	}
	type database struct {
		Name     string
		Template bool
		Comment  string
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[database])
	if err != nil {
		return err
	}
	for _, d := range found {
		made, ok := madeAt(d.Name)
		if !ok {
			made, err = time.Parse(time.RFC3339, d.Comment)
			ok = err == nil
		}
		if !ok || d.Name == s.template || now.Sub(made) < keepFor {
			continue
		}
		if d.Template {
			if _, err := conn.Exec(ctx, "alter database "+ident(d.Name)+" with is_template false"); err != nil {
				return err
			}
		}
		if err := s.drop(ctx, d.Name); err != nil {
			return err
		}
	}
	return nil
}

// databaseURL returns the address of another database on the server of an address, which may be a URL or a list of
// keywords and values (PostgreSQL manual, "Connection Strings").
func databaseURL(address, name string) (string, error) {
	if !strings.Contains(address, "://") {
		return address + " dbname=" + name, nil // the last of several counts
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("TEST_DATABASE_URL: %w", err)
	}
	u.Path = "/" + name
	if q := u.Query(); q.Has("dbname") { // it would win over the path
		q.Del("dbname")
		u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // libpq does not read a plus sign as a space
	}
	return u.String(), nil
}
