package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// VersionTable is goose's table of the migrations that were applied. It is in a schema of ours, so that a program beside us that
// uses goose keeps its own.
const VersionTable = "kitchen.goose_db_version"

// Tables are those that the migrations make in the schema public.
func Tables() []string {
	return []string{"restaurants", "users", "tables", "menu_items", "modifier_options", "orders", "order_items", "order_item_modifiers"}
}

// CheckMigratable returns why this database cannot be migrated, and what to do about it, before anything is changed.
func (db *DB) CheckMigratable(ctx context.Context) error {
	var encoding, schema string
	var version int
	var attached, begun bool
	var taken, foreign []string
	err := db.pool.QueryRow(ctx, `
		select current_setting('server_version_num')::int, current_setting('server_encoding'), coalesce(current_schema(), ''), to_regclass('kitchen.mapping') is not null,
		       to_regclass('`+VersionTable+`') is not null,
		       array(select t.name from unnest($1::text[]) with ordinality as t(name, at)
		              where to_regclass('public.' || t.name) is not null order by t.at),
		       array(select c.relname::text from pg_catalog.pg_class c
		              where c.relnamespace = to_regnamespace('kitchen') and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname not like 'goose%' order by 1 limit 3)`, Tables()).
		Scan(&version, &encoding, &schema, &attached, &begun, &taken, &foreign)
	if err != nil {
		return fmt.Errorf("look at the database before migrating it: %w", err)
	}
	// `kitchen migrate down --all` leaves an empty list, which does not prove that the tables are ours.
	if begun && len(taken) > 0 {
		err := db.pool.QueryRow(ctx, `select exists (select from `+VersionTable+` where version_id > 0 and is_applied)`).Scan(&begun)
		if err != nil && !Denied(err) { // who may not read the list is told so by goose
			return fmt.Errorf("look for migrations that are applied: %w", err)
		}
	}
	switch {
	case version < 140000:
		return fmt.Errorf("the server is PostgreSQL %d, and the tables and triggers need 14 or later; nothing was changed: upgrade it, or use another", version/10000)
	case encoding != "UTF8":
		return fmt.Errorf("the encoding of this database is %s, and names and notes need UTF8: create database … encoding 'UTF8' template template0", encoding)
	case schema != "public":
		return fmt.Errorf("new tables would go to the schema %q, and these belong in public: connect with search_path set to public", schema)
	case attached:
		return fmt.Errorf("this database is attached to another program's tables, and needs none of ours: see kitchen attach")
	case begun && len(taken) < len(Tables()) && db.listed(ctx):
		var gone []string
		for _, name := range Tables() {
			if !slices.Contains(taken, name) {
				gone = append(gone, name)
			}
		}
		return fmt.Errorf("migrations are listed as applied whose tables are not there (%s), so none can be added; nothing was changed. "+
			"Restore the database from a backup; or, where what is left of it may be lost, begin anew: %s; then kitchen migrate up", strings.Join(gone, ", "), resetSQL())
	case begun:
		return nil
	case len(taken) == len(Tables()) && db.CheckSchema(ctx) == nil:
		return fmt.Errorf("the tables are there, made by goose with a list of its own: go on with goose, or have it use ours: goose -table %s", VersionTable)
	case len(taken) > 0:
		return fmt.Errorf("the schema public has tables of another program: %s; nothing was changed. "+
			"Give kitchen a database of its own, or show the orders that are in these tables: `kitchen attach template` prints a mapping to begin with", strings.Join(taken, ", "))
	case len(foreign) > 0:
		return fmt.Errorf("the schema kitchen has tables of another program: %s; nothing was changed. Rename that schema, or give kitchen a database of its own", strings.Join(foreign, ", "))
	}
	return nil
}

// listed reports whether a migration is listed as applied, as far as this role may see that.
func (db *DB) listed(ctx context.Context) (listed bool) {
	err := db.pool.QueryRow(ctx, `select exists (select from `+VersionTable+` where version_id > 0 and is_applied)`).Scan(&listed)
	return err == nil && listed
}

// resetSQL is SQL that removes everything that the migrations have made, and all orders, even where parts of it are missing.
func resetSQL() string {
	return "drop schema kitchen cascade; drop table if exists public." + strings.Join(Tables(), ", public.") + " cascade; " +
		"drop function if exists public.check_timezone, public.complete_new_order, public.complete_changed_order, " +
		"public.complete_new_line, public.complete_changed_line, public.complete_new_modifier, public.complete_changed_modifier"
}

// MakeSchema makes the schema kitchen, in which goose keeps its list.
func (db *DB) MakeSchema(ctx context.Context) error {
	var at *pgx.ConnConfig
	err := db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		at = conn.Conn().Config()
		// A role that may not make schemas may migrate where somebody else has made this one.
		_, err := conn.Exec(ctx, `do $$ begin if to_regnamespace('kitchen') is null then create schema kitchen; end if; end $$`)
		return err
	})
	switch {
	case Denied(err) && at != nil:
		return fmt.Errorf("make the schema kitchen: %w: migrate as the owner of the database, or have the owner let this role: "+
			"grant create on database %s to %s; grant create on schema public to %[3]s", err, pgx.Identifier{at.Database}.Sanitize(), pgx.Identifier{at.User}.Sanitize())
	case err != nil:
		return fmt.Errorf("make the schema kitchen: %w", err)
	}
	return nil
}

// VersionsKept reports whether goose has its list of ours in this database.
func (db *DB) VersionsKept(ctx context.Context) (kept bool, err error) {
	if err = db.pool.QueryRow(ctx, `select to_regclass('`+VersionTable+`') is not null`).Scan(&kept); err != nil {
		return false, fmt.Errorf("look for goose's list of migrations: %w", err)
	}
	return kept, nil
}

// Attached reports whether the tables are another program's, and a mapping says how they become orders.
func (db *DB) Attached(ctx context.Context) (attached bool, err error) {
	// By the catalog, which a role may read that may not use the schema.
	err = db.pool.QueryRow(ctx, `
		select exists (select from pg_catalog.pg_class where relname = 'mapping' and relnamespace = to_regnamespace('kitchen'))`).Scan(&attached)
	if err != nil {
		return false, fmt.Errorf("look for a mapping: %w", err)
	}
	return attached, nil
}
