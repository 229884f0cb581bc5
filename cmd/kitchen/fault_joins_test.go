package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// A herd of displays that join at once, each with a user of its own, costs the database a handful of questions.
func TestThousandJoinsCostAHandfulOfQueries(t *testing.T) {
	const restaurants, n = 10, 1000
	server := dbtest.Cluster(t, map[string]string{"log_statement": "all", "max_connections": "50"})
	pool := dbtest.Pool(t, server.URL())
	tenants := faulttest.Tenants(t, pool, restaurants)
	node := startServe(t, onDatabase(server.URL())...)
	addresses := make([]string, n)
	for i := range addresses {
		tenant, user := tenants[i%restaurants], ""
		err := pool.QueryRow(t.Context(), `insert into users (restaurant_id, username) values ($1, $2) returning id::text`,
			string(tenant.ID), fmt.Sprintf("user-%d", i)).Scan(&user)
		if err != nil {
			t.Fatal(err)
		}
		token, err := credential.SignToken([]byte(testSecret), order.UserID(user), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		addresses[i] = node.socket(tenant.ID) + "?token=" + token
	}
	before, err := os.Stat(server.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	var joining sync.WaitGroup
	var again, connected atomic.Int32
	start, all := make(chan struct{}), make(chan struct{})
	began := time.Now()
	for _, address := range addresses {
		joining.Go(func() {
			<-start
			first := sync.OnceFunc(func() {
				if connected.Add(1) == n {
					close(all)
				}
			})
			for !comesIn(t, address, first) && time.Since(began) < 2*waitLimit {
				again.Add(1)
				select {
				case <-time.After(time.Second): // as a display does that cannot be served now
				case <-t.Context().Done():
					return
				}
			}
		})
	}
	// How many ask at once must not depend on how fast this machine connects them: the first question waits until all are there, or for
	// a second, which is less than a read waits for a lock.
	holder, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(t.Context(), `lock table users in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	close(start)
	select {
	case <-all:
	case <-time.After(time.Second):
	}
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	joining.Wait()
	took := time.Since(began)
	users, orders := questions(t, server.LogFile(), before.Size(), "from kitchen.users"), questions(t, server.LogFile(), before.Size(), "from kitchen.order_rows")
	t.Logf("%d displays had their queue after %v, %d of them at a second attempt: %d questions about users, %d about orders",
		n, took, again.Load(), users, orders)
	if took < 5*time.Second && again.Load() > 0 || took > 2*waitLimit {
		t.Error("not everybody was served, though the database answered in time")
	}
	if users == 0 || orders == 0 {
		t.Error("the log of the server does not show who asks for users and orders: the questions are worded otherwise now")
	}
	if users > n/5 || orders > 3*restaurants {
		t.Errorf("%d questions about users and %d about orders for %d displays of %d restaurants", users, orders, n, restaurants)
	}
}

// comesIn joins, and says whether a queue came; it did not where the node, on a machine that does other things, cannot serve
// everybody at once. It calls connected as soon as the socket is open.
func comesIn(t *testing.T, address string, connected func()) bool {
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	connected()
	if err != nil {
		t.Error(err)
		return true
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(2 * waitLimit))
	for {
		_, doc, err := conn.ReadMessage()
		if websocket.IsCloseError(err, 1013) {
			return false
		}
		if err != nil {
			t.Error(err)
			return true
		}
		if strings.Contains(string(doc[:min(len(doc), 40)]), "initial_queue") {
			return true
		}
	}
}

// questions counts statements in the server's log from an offset on.
func questions(t *testing.T, path string, offset int64, text string) (n int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(offset, 0); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.Contains(lines.Text(), text) {
			n++
		}
	}
	return n
}
