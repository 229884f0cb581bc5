package db_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
	"github.com/pressly/goose/v3"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/migrations"
)

// kitchen migrate refuses a database that is not in UTF8. One that is used all the same may hold bytes that are no text: the order
// that holds one is shown with a mark in its place, and everything else as it is, also behind a pooler.
func TestOneBadByteBlindsNoRestaurant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ encoding, stored, shown, good, named string }{
		{"SQL_ASCII", `caf\xe9`, "caf\ufffd", `Zo\xc3ab`, "Zoë"},
		{"WIN1252", `\xe9\x81`, "é\ufffd", `Zo\xeb`, "Zoë"},
		{"WIN1253", `\xe1\xaa`, "α\ufffd", `\xd9`, "Ω"},
		{"LATIN1", `caf\xe9`, "café", `Zo\xeb`, "Zoë"},
		{"EUC_JP", `\xc6\xfc\xa9\xa1`, "日\ufffd", `\xc6\xfc\xcb\xdc`, "日本"},
		{"EUC_KR", `\xc7\xd1\xc9\xa1`, "한\ufffd", `\xc7\xd1`, "한"},
		{"EUC_CN", `\xd6\xd0\xaa\xa1`, "中\ufffd", `\xd6\xd0`, "中"},
		{"EUC_TW", `caf\xfd\xcc`, "caf\ufffd\ufffd", "Zoe", "Zoe"},
	} {
		url := encoded(t, c.encoding)
		for name, opening := range map[string]func(context.Context, string) (*db.DB, error){"direct": db.Open, "pooled": db.OpenPooled} {
			t.Run(c.encoding+" "+name, func(t *testing.T) {
				d, err := opening(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				f := fixture{T: t, pool: dbtest.Pool(t, url+"&client_encoding=SQL_ASCII"), db: d}
				asStored := func(text string) string {
					return `convert_from(decode('` + hexOf(text) + `', 'hex'), '` + c.encoding + `')`
				}
				r, other := f.restaurant(), f.restaurant()
				f.exec(`update restaurants set name = ` + asStored(c.good))
				f.order(other)
				f.order(r)
				bad := f.order(r)
				user := order.UserID(f.id(`insert into users (restaurant_id, username, name) values ($1, 'ana-`+string(r)+`', `+asStored(c.stored)+`) returning id::text`, r))
				f.exec(`update orders set notes = `+asStored(c.stored)+`, customer_name = `+asStored(c.good)+` where id = $1`, string(bad))
				queues, err := d.Queues(t.Context(), []order.RestaurantID{r, other})
				if err != nil || len(queues) != 2 || len(queues[r].Orders) != 2 || len(queues[other].Orders) != 1 {
					t.Fatalf("%+v, %v", queues, err)
				}
				one, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: r, Order: bad}})
				if err != nil || len(one) != 1 {
					t.Fatalf("%+v, %v", one, err)
				}
				for _, o := range []order.Order{queues[r].Orders[1], one[0]} {
					var shown struct {
						Notes string `json:"notes"`
						Name  string `json:"customer_name"`
					}
					if err := json.Unmarshal(o.AppendJSON(nil), &shown); err != nil || shown.Notes != c.shown || shown.Name != c.named {
						t.Errorf("%+v, %v", shown, err)
					}
				}
				prints, err := d.Fingerprints(t.Context(), []order.RestaurantID{r})
				if err != nil || len(prints) != 1 || prints[0] != queues[r].Fingerprint() || prints[0].Restaurant.Name != c.named {
					t.Errorf("%+v, want %+v, %v", prints, queues[r].Fingerprint(), err)
				}
				if u, err := d.User(t.Context(), user); err != nil || u.Restaurant != r {
					t.Errorf("%+v, %v", u, err)
				}
				if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: bad, Status: order.Ready}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// MULE_INTERNAL is the one encoding that PostgreSQL makes no UTF-8 of: no connection can be had, and the error says what to do. PostgreSQL
// 19 has it no more.
func TestEncodingThatCannotBeReadIsRefusedWithAdvice(t *testing.T) {
	t.Parallel()
	admin := dbtest.Pool(t, dbtest.New(t))
	name := strings.Replace(admin.Config().ConnConfig.Database, "kitchen_test_", "kitchen_mule_", 1)
	if _, err := admin.Exec(t.Context(), `create database `+name+` template template0 encoding 'MULE_INTERNAL' lc_collate 'C' lc_ctype 'C'`); err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "42704" && since19(t, admin) {
			return
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), `drop database `+name+` with (force)`) })
	_, err := db.Open(t.Context(), strings.Replace(admin.Config().ConnString(), admin.Config().ConnConfig.Database, name, 1))
	const want = "the database's encoding is none that text can be read of (conversion between UTF8 and MULE_INTERNAL is not supported): move to a database with encoding 'UTF8'"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// since19 reports whether the server is PostgreSQL 19 or later.
func since19(t *testing.T, pool *pgxpool.Pool) (is bool) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `select current_setting('server_version_num')::int >= 190000`).Scan(&is); err != nil {
		t.Fatal(err)
	}
	return is
}

// hexOf is the hexadecimal form of a text in which bytes may be written as \x and two digits; after one, two digits alone are a byte.
func hexOf(text string) (digits string) {
	before, after, _ := strings.Cut(text, `\x`)
	return hex.EncodeToString([]byte(before)) + strings.ReplaceAll(after, `\x`, "")
}

// encoded makes a database with our tables and an encoding, as no migration of this program would.
func encoded(t *testing.T, encoding string) (url string) {
	t.Helper()
	admin := dbtest.Pool(t, dbtest.New(t))
	name := strings.Replace(admin.Config().ConnConfig.Database, "kitchen_test_", "kitchen_"+strings.ToLower(encoding)+"_", 1)
	if _, err := admin.Exec(t.Context(), `create database `+name+` template template0 encoding '`+encoding+`' lc_collate 'C' lc_ctype 'C'`); err != nil {
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code == "42704" && since19(t, admin) {
			return
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), `drop database `+name+` with (force)`) })
	url = strings.Replace(admin.Config().ConnString(), admin.Config().ConnConfig.Database, name, 1)
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
	return url
}
