package db_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// Defaults of a database or a role are its owner's: reads, a tap and a listener work with any.
func TestDefaultsOfADatabaseDoNotMatter(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	f := fixture{T: t, pool: pool}
	r := f.restaurant()
	id := f.order(r)
	f.exec(`update orders set promised_at = now(), notes = 'Zoë'`)
	name := f.id(`select current_database()`)
	settings := []string{
		"client_encoding = 'LATIN1'", "client_encoding = 'WIN1252'", "DateStyle = 'SQL, DMY'",
		"TimeZone = 'Asia/Kolkata'", "IntervalStyle = 'sql_standard'", "bytea_output = 'escape'", "extra_float_digits = -15", "default_transaction_isolation = 'serializable'",
	}
	if !since19(t, pool) { // which refuses it
		settings = append(settings, "standard_conforming_strings = off")
	}
	for _, setting := range settings {
		f.exec(`alter database ` + pgx.Identifier{name}.Sanitize() + ` set ` + setting)
	}
	for _, mode := range []string{"", "&default_query_exec_mode=exec", "&default_query_exec_mode=simple_protocol", "&default_query_exec_mode=describe_exec"} {
		d, err := db.Open(t.Context(), url+mode)
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		defer d.Close()
		f.db = d
		q := f.queue(r)
		if len(q.Orders) != 1 || q.Orders[0].Notes != "Zoë" || q.Orders[0].PromisedAt == nil {
			t.Errorf("%s: %+v", mode, q.Orders)
		}
		prints, err := d.Fingerprints(t.Context(), []order.RestaurantID{r})
		if err != nil || len(prints) != 1 || prints[0] != q.Fingerprint() {
			t.Errorf("%s: %+v, %v", mode, prints, err)
		}
		to := order.Preparing
		if q.Orders[0].Status == order.Preparing {
			to = order.Pending
		}
		if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: to}); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
	conn, err := db.ConnectListener(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := db.Listen(t.Context(), conn, []string{"kitchen_é"}, nil); err != nil || !strings.Contains(conn.Config().Database, name) {
		t.Error(err)
	}
}
