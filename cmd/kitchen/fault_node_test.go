package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// A node that is stopped closes its displays over a few seconds. Another node takes them, and they miss nothing.
// With -faults there are 2,000 of them.
func TestFaultStoppingNodeHandsItsDisplaysOver(t *testing.T) {
	h := newRig(t, 10)
	n, rate := 200, 40.0
	if h.full {
		n, rate = 2000, 100
	}
	first, process := h.open()
	h.route(first.url)
	h.join(n)
	h.write(1, rate)
	second, _ := h.open()
	if !h.writers.AwaitCommits(20, waitLimit) {
		t.Fatal("the writers do not get on")
	}
	client := &http.Client{Timeout: waitLimit}
	defer client.CloseIdleConnections()
	if status, text := h.readiness(client, first); status != http.StatusOK {
		t.Fatal(status, text)
	}

	h.route(second.url)
	began := time.Now()
	process.send(t, syscall.SIGTERM)
	process.stderr.await(t, "stopping")
	if status, text := h.readiness(client, first); status != http.StatusServiceUnavailable || !strings.Contains(text, "stopping") {
		t.Errorf("readyz of a node that drains: %d %s", status, text)
	}
	if code := process.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	h.healed = time.Now()
	byCode, spread := h.closes()
	if byCode[websocket.CloseServiceRestart] != n || len(byCode) != 1 {
		t.Errorf("%d displays were sent away with these codes: %v", n, byCode)
	}
	if spread < time.Second || spread > 10*time.Second {
		t.Errorf("they were sent away over %v", spread)
	}
	for at := range h.bunches(100 * time.Millisecond) {
		t.Errorf("more than a fifth of them in the same tenth of a second, %v after the signal", at.Sub(began))
	}
	h.awaitLive()
	h.remark = fmt.Sprintf("%d displays sent away over %.1f s, all with 1012", n, spread.Seconds())
	h.judge("F44", "a_node_is_told_to_stop", 5*time.Second)
}

// bunches are the moments in which more than a fifth of all connections ended.
func (h *rig) bunches(within time.Duration) map[time.Time]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	bunches := map[time.Time]int{}
	for _, e := range h.endings {
		bunches[e.at.Truncate(within)]++
	}
	for at, n := range bunches {
		if n <= len(h.endings)/5 {
			delete(bunches, at)
		}
	}
	return bunches
}

// A node that is killed says nothing: its displays notice, and go to another one.
func TestFaultDisplaysOfAKilledNodeGoToAnother(t *testing.T) {
	beside(t)
	h := newRig(t, 5)
	n := 50
	if h.full {
		n = 200
	}
	first, process := h.open()
	second, _ := h.open()
	h.route(first.url)
	h.join(n)
	h.write(2, 40)
	if !h.writers.AwaitCommits(20, waitLimit) {
		t.Fatal("the writers do not get on")
	}
	h.route(second.url)
	process.send(t, syscall.SIGKILL)
	began := time.Now()
	for _, d := range h.displays {
		d.Until(waitLimit, func() bool { return !d.Connected() })
	}
	h.awaitLive()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v until all were on the other node", took)
	}
	h.healed = time.Now()
	h.remark = fmt.Sprintf("all on the other node after %.1f s", time.Since(began).Seconds())
	h.judge("F43", "a_node_is_killed", 5*time.Second)
}

// A node that is paused stops neither writers nor other nodes, and sends its displays nothing old when it goes on.
func TestFaultNodeThatStandsStillHarmsNobody(t *testing.T) {
	beside(t)
	h := newRig(t, 4)
	first, process := h.open()
	second, _ := h.open()
	h.route(first.url)
	h.join(20)
	standing := h.displays
	h.displays = nil
	h.route(second.url)
	h.join(20)
	moving := h.displays
	h.displays = append(h.displays, standing...)
	h.write(3, 40)
	process.send(t, syscall.SIGSTOP)
	t.Cleanup(func() { _ = process.cmd.Process.Signal(syscall.SIGCONT) })
	lasts := 3 * time.Second
	if h.full {
		lasts = 60 * time.Second
	}
	note := strings.Repeat("n", 1000)
	usage := ""
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(lasts); time.Now().Before(end); <-again.C { // how long it is paused
		for range 20 {
			if _, err := h.pool.Exec(t.Context(), `select pg_notify('kitchen_' || $1, $2)`, string(h.tenants[0].ID), note+time.Now().String()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := h.pool.QueryRow(t.Context(), `select round(pg_notification_queue_usage()::numeric, 4)::text`).Scan(&usage); err != nil {
		t.Fatal(err)
	}
	for _, d := range moving {
		if !d.IsLive() {
			t.Errorf("%s, on a node that moves, is not live", d.Name)
		}
	}
	process.send(t, syscall.SIGCONT)
	h.healed = time.Now()
	h.awaitLive()
	h.remark = "the server's notification queue was " + usage + " full"
	// Displays of the paused node receive nothing, and show NOT LIVE after 12 s.
	h.judge("F08", "a_node_is_stopped_with_SIGSTOP", lasts+10*time.Second)
}

// AnyCable's test: connections drop for two seconds again and again, and everything is shown all the same.
func TestFaultFlappingDisplaysMissNothing(t *testing.T) {
	beside(t)
	h := newRig(t, 5)
	n, rounds := 40, 2
	if h.full {
		n, rounds = 200, 12
	}
	first, _ := h.open()
	proxy := faulttest.NewPortProxy(t, strings.TrimPrefix(first.url, "http://"))
	h.route(proxy.URL)
	h.join(n)
	h.write(4, 40)
	for range rounds {
		proxy.Refuse.Store(true)
		proxy.Cut()
		time.Sleep(h.lasts(500*time.Millisecond, 2*time.Second)) // the drop
		proxy.Refuse.Store(false)
		time.Sleep(h.lasts(500*time.Millisecond, 3*time.Second)) // the time between two
	}
	h.healed = time.Now()
	h.awaitLive()
	h.remark = fmt.Sprintf("%d drops", rounds)
	h.judge("F42", "displays_drop_again_and_again", 5*time.Second)
}

func (h *rig) lasts(quick, full time.Duration) time.Duration {
	if h.full {
		return full
	}
	return quick
}

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
