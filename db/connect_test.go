package db_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestConnectionErrorsAreOneLineWithoutPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://user:s3cret@127.0.0.1:1/x", "nonsense s3cret", "postgres://user:s3cret@host:port/x", "postgres:///x?host=/nowhere&password=s3cret",
	} {
		_, err := db.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// What errors say of a database that goes away, wherever they come from, is fit for a log.
func TestTextOfErrorsHoldsNoAddress(t *testing.T) {
	t.Parallel()
	proxied := func(listen bool) (url string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if !listen {
			l.Close()
			return "postgres://somebody:s3cret@" + l.Addr().String() + "/somewhere?sslmode=disable"
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
				_, _ = conn.Write([]byte("N")) // to the question for TLS: no
				conn.Close()
			}
		}()
		return "postgres://somebody:s3cret@" + l.Addr().String() + "/somewhere"
	}
	for name, url := range map[string]string{
		"refused":      proxied(false),
		"cut":          proxied(true) + "?sslmode=disable",
		"without TLS":  proxied(true) + "?sslmode=require",
		"no such host": "postgres://somebody:s3cret@nowhere.invalid:5432/somewhere",
		"no socket":    "postgres:///somewhere?host=/nowhere&user=somebody&password=s3cret",
	} {
		_, err := db.Open(t.Context(), url)
		if err == nil {
			t.Fatal(name, "opened")
		}
		// As the driver has it, too, for errors of connections that are made later.
		_, driver := pgx.Connect(t.Context(), url)
		for _, text := range []string{err.Error(), db.ErrorText(err), db.ErrorText(fmt.Errorf("read 2 queues: %w", driver)),
			db.ErrorText(errors.Join(errors.New("first"), driver))} {
			for _, part := range []string{"127.0.0.1", "somebody", "s3cret", "somewhere", "nowhere", "invalid:"} {
				if strings.Contains(text, part) {
					t.Errorf("%s: %q is in %q", name, part, text)
				}
			}
			if strings.Contains(text, "\n") && !strings.Contains(text, "first") {
				t.Errorf("%s: more than one line: %q", name, text)
			}
		}
	}
	if text := db.ErrorText(fmt.Errorf("read 2 queues: %w", &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, Err: syscall.EPIPE})); text != "read 2 queues: write: broken pipe" {
		t.Errorf("a connection that broke: %q", text)
	}
}

// The address may name the node's connections. What a display did is a display's all the same.
func TestAddressMayNameTheNode(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), url+"&application_name=node-7")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pool := dbtest.Pool(t, url)
	var n int
	if err := pool.QueryRow(t.Context(), `select count(*) from pg_stat_activity where application_name = 'node-7' and datname = current_database()`).Scan(&n); err != nil || n == 0 {
		t.Errorf("%d connections are named as the address has it, %v", n, err)
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	var restaurant order.RestaurantID
	var id order.OrderID
	if err := conn.QueryRow(t.Context(), `with r as (insert into restaurants (name) values ('Test') returning id)
		insert into orders (restaurant_id) select id from r returning restaurant_id::text, id::text`).Scan(&restaurant, &id); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `listen "`+restaurant.Channel()+`"`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: id, Status: order.Ready}); err != nil {
		t.Fatal(err)
	}
	said, err := conn.Conn().WaitForNotification(t.Context())
	if err != nil || !strings.Contains(said.Payload, `"by":"kitchen"`) {
		t.Errorf("%+v, %v", said, err)
	}
}

func TestListenerTakesTheURLOfThePool(t *testing.T) {
	t.Parallel()
	conn, err := db.ConnectListener(t.Context(), dbtest.New(t)+"&pool_max_conns=3")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var name, timeout string
	if err := conn.QueryRow(t.Context(), `select current_setting('application_name'), current_setting('idle_session_timeout')`).Scan(&name, &timeout); err != nil {
		t.Fatal(err)
	}
	if name != "kitchen-listener" || timeout != "0" {
		t.Errorf("application_name %s, idle_session_timeout %s", name, timeout)
	}
}
