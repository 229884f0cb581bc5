package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	databasePrefix = "kitchen_test_"
	nameTime       = "20060102t150405"
	keepFor        = 24 * time.Hour
	keepAtMost     = 20
	keptComment    = "kept: its test failed"
)

// databaseName contains the time, for cleaning up later, and is unique among all processes and machines.
func databaseName(now time.Time) string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return databasePrefix + now.UTC().Format(nameTime) + "_" + hex.EncodeToString(b)
}

// madeAt reads when a database was made from its name or, for a template, from its comment. It returns zero where neither says.
func madeAt(name, comment string) time.Time {
	rest, _ := strings.CutPrefix(name, databasePrefix)
	stamp, _, _ := strings.Cut(rest, "_")
	if at, err := time.Parse(nameTime, stamp); err == nil {
		return at
	}
	at, _ := time.Parse(time.RFC3339, comment) // zero with an error
	return at
}

func (s *server) create(ctx context.Context, name, from string) (string, error) {
	strategy := ""
	if s.version >= 150000 {
		strategy = " strategy file_copy"
	}
	if _, err := s.admin.Exec(ctx, "create database "+ident(name)+" "+from+strategy); err != nil {
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

func (s *server) markKept(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "comment on database "+ident(name)+" is '"+keptComment+"'"); err != nil {
		return fmt.Errorf("keep a test database: %w", err)
	}
	return nil
}

// found is a database that this package made, now or earlier.
type found struct {
	Name     string
	Template bool
	Comment  string
	made     time.Time
}

// dropOld drops databases that earlier runs left, because each takes 8 MB, perhaps of memory: those older than a day, including templates
// of other migrations. On a server that this package started it also drops those of killed processes, and all but the newest of those that
// are kept.
func (s *server) dropOld(ctx context.Context, conn *pgx.Conn, now time.Time) error {
	all, err := s.find(ctx, conn)
	if err != nil {
		return err
	}
	kept := 0
	for _, d := range all { // newest first
		old := now.Sub(d.made) > keepFor
		switch {
		case d.Name == s.template:
			continue
		case s.run == nil || d.Template:
		case d.Comment == keptComment:
			kept++
			old = old || kept > keepAtMost
		default:
			// Nobody used the server when this process joined: the process that made this database is gone.
			old = old || d.made.Before(s.run.alone.Truncate(time.Second))
		}
		if !old {
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

// find lists the databases whose age is known and which this role may drop, newest first.
func (s *server) find(ctx context.Context, conn *pgx.Conn) ([]found, error) {
	rows, err := conn.Query(ctx, `
		select d.datname, d.datistemplate, coalesce(shobj_description(d.oid, 'pg_database'), '')
		  from pg_database d
		 where (d.datname like 'kitchen\_test\_%' or d.datname like 'kitchen\_template\_%')
		   and pg_has_role(d.datdba, 'usage')`)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d found, err error) {
		err = row.Scan(&d.Name, &d.Template, &d.Comment)
		d.made = madeAt(d.Name, d.Comment)
		return d, err
	})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d found) bool { return d.made.IsZero() })
	slices.SortFunc(all, func(a, b found) int { return b.made.Compare(a.made) })
	return all, nil
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
