package load

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Two sides of a comparison are two databases of one server, which is the measurement's own. In one database, notifications of each side would
// wake those who listen for the other.

// inDatabase is the address of another database of the server at address, which is a URL or a list of keywords and values.
func inDatabase(address, name string) (string, error) {
	if !strings.Contains(address, "://") {
		return address + " dbname=" + name, nil // the last of several counts
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the address of the database: %w", err)
	}
	u.Path, u.RawPath = "/"+name, ""
	return u.String(), nil
}

// Apart copies the whole database of the dataset, to which nobody may be connected, and returns the same dataset in the copy.
func (d *Dataset) Apart(ctx context.Context) (*Dataset, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	from := conn.Config().Database
	name := from + "_plain"
	if _, err := conn.Exec(ctx, fmt.Sprintf(`create database %q template %q`, name, from)); err != nil {
		return nil, fmt.Errorf("make a database for plain tables: %w", err)
	}
	address, err := inDatabase(d.url, name)
	if err != nil {
		return nil, err
	}
	return Open(address, d.Prefix, len(d.Restaurants)), nil
}

// URL is the address of the dataset's database.
func (d *Dataset) URL() string { return d.url }

// SwitchAutovacuum switches autovacuum on or off in the whole server. While it is off, [Analyze] does its work.
func (d *Dataset) SwitchAutovacuum(ctx context.Context, on bool) error {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, sql := range []string{fmt.Sprintf(`alter system set autovacuum = %t`, on), `select pg_reload_conf()`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("switch autovacuum: %w", err)
		}
	}
	return nil
}

// Analyze vacuums all tables of the database at url, so that plans of connections made from then on are those of tables of their size.
func Analyze(ctx context.Context, url string) error {
	conn, err := connect(ctx, url, "public")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, sql := range []string{`vacuum analyze`, `checkpoint`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
