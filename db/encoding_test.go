package db_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
	"github.com/pressly/goose/v3"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/migrations"
)

// kitchen migrate refuses a database without an encoding. One that is used all the same has bytes in it that are no text: the
// order that holds one is shown with a mark in its place, and so are all others.
func TestOneBadByteBlindsNoRestaurant(t *testing.T) {
	t.Parallel()
	admin := dbtest.Pool(t, dbtest.New(t))
	name := strings.Replace(admin.Config().ConnConfig.Database, "kitchen_test_", "kitchen_bytes_", 1)
	if _, err := admin.Exec(t.Context(), `create database `+name+` template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), `drop database `+name+` with (force)`) })
	url := strings.Replace(admin.Config().ConnString(), admin.Config().ConnConfig.Database, name, 1)
	std, err := sql.Open("pgx", url+"&client_encoding=UTF8")
	if err != nil {
		t.Fatal(err)
	}
	defer std.Close()
	if _, err := std.ExecContext(t.Context(), `create schema kitchen`); err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, std, migrations.FS, goose.WithDisableGlobalRegistry(true), goose.WithTableName(db.VersionTable))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := fixture{T: t, pool: dbtest.Pool(t, url+"&client_encoding=UTF8")}
	r := f.restaurant()
	f.order(r)
	bad := f.order(r)
	f.exec(`update orders set notes = e'caf\351', customer_name = 'Zoë' where id = $1`, pgx.QueryExecModeSimpleProtocol, string(bad))
	f.exec(`insert into order_items (order_id, name) values ($1, convert_from('\xff20', 'SQL_ASCII'))`, string(bad))
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f.db = d
	q := f.queue(r)
	if len(q.Orders) != 2 {
		t.Fatalf("%d orders are shown", len(q.Orders))
	}
	doc := q.Orders[1].AppendJSON(nil)
	if !json.Valid(doc) || !strings.Contains(string(doc), `caf\ufffd`) || !strings.Contains(string(doc), "Zoë") {
		t.Errorf("%s", doc)
	}
	prints, err := d.Fingerprints(t.Context(), []db.RestaurantID{r})
	if err != nil || len(prints) != 1 || prints[0] != q.Fingerprint() {
		t.Errorf("%+v, %v", prints, err)
	}
}
