package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// rig runs the real program as processes, with displays that reconnect by themselves, while writers write.
type rig struct {
	*testing.T
	full  bool
	url   string
	pool  *pgxpool.Pool
	truth *db.DB

	tenants  []*faulttest.Tenant
	tokens   map[*faulttest.Tenant]string
	displays []*faulttest.Display
	writers  *faulttest.Writers
	front    atomic.Pointer[string] // where displays connect to: host:port
	healed   time.Time
	remark   string

	ctx     context.Context
	leave   context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	endings []ending
}

// ending is how a connection of a display ended; code 1006 is one without a close frame.
type ending struct {
	at   time.Time
	code int
}

// newRig makes restaurants with a user each, and starts no node yet.
func newRig(t *testing.T, restaurants int) *rig {
	h := &rig{T: t, full: flagged(faultsFlag) == "true", url: dbtest.New(t), tokens: map[*faulttest.Tenant]string{}}
	h.pool = dbtest.Pool(t, h.url)
	var err error
	if h.truth, err = db.Open(t.Context(), h.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.truth.Close)
	h.tenants = faulttest.Tenants(t, h.pool, restaurants)
	for i, tenant := range h.tenants {
		var user string
		err := h.pool.QueryRow(t.Context(), `insert into users (restaurant_id, username) values ($1, $2) returning id::text`,
			string(tenant.ID), fmt.Sprintf("display-%d", i)).Scan(&user)
		if err == nil {
			h.tokens[tenant], err = credential.SignToken([]byte(testSecret), order.UserID(user), time.Now().Add(time.Hour))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h.ctx, h.leave = context.WithCancel(context.Background())
	t.Cleanup(func() { h.leave(); h.running.Wait() })
	return h
}

// open starts a node, and returns it when it is ready.
func (h *rig) open() (node *served, p *process) {
	h.Helper()
	p = spawn(h.T, onDatabase(h.url), "serve", "--listen", "127.0.0.1:0")
	node = &served{running: &running{stderr: p.stderr}, url: p.line(h.T, "http://")}
	node.await(h.T, "/readyz", http.StatusOK)
	return node, p
}

// route makes displays connect to a node from now on.
func (h *rig) route(host string) {
	host = strings.TrimPrefix(host, "http://")
	h.front.Store(&host)
}

// join connects n displays, and waits until all are live.
func (h *rig) join(n int) {
	h.Helper()
	for i := range n {
		d := faulttest.NewDisplay(fmt.Sprintf("display %d", i), h.tenants[i%len(h.tenants)])
		h.displays = append(h.displays, d)
		h.running.Go(func() { h.display(d) })
	}
	h.awaitLive()
}

func (h *rig) awaitLive() {
	h.Helper()
	for _, d := range h.displays {
		if !d.Until(2*waitLimit, func() bool { return d.Connected() && d.IsLive() }) {
			h.Fatalf("%s does not get its queue", d.Name)
		}
	}
}

// display is one display's life: it connects, listens, and when it is cut off comes back with jitter.
func (h *rig) display(d *faulttest.Display) {
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, WriteBufferPool: &sync.Pool{}}
	for h.ctx.Err() == nil {
		address := "ws://" + *h.front.Load() + "/ws/kitchen/" + string(d.Tenant.ID) + "/?token=" + h.tokens[d.Tenant]
		conn, response, err := dialer.DialContext(h.ctx, address, nil)
		if response != nil {
			_ = response.Body.Close()
		}
		if err == nil {
			h.listen(conn, d)
		}
		select {
		case <-h.ctx.Done():
		case <-time.After(50*time.Millisecond + rand.N(500*time.Millisecond)):
		}
	}
}

func (h *rig) listen(conn *websocket.Conn, d *faulttest.Display) {
	stop := context.AfterFunc(h.ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	for {
		_ = conn.SetReadDeadline(time.Now().Add(12 * time.Second)) // as a board does: a heartbeat comes each 5 s
		_, doc, err := conn.ReadMessage()
		if err != nil {
			d.Disconnect()
			if h.ctx.Err() == nil {
				code := websocket.CloseAbnormalClosure
				var closed *websocket.CloseError
				if asClose(err, &closed) {
					code = closed.Code
				}
				h.mu.Lock()
				h.endings = append(h.endings, ending{time.Now(), code})
				h.mu.Unlock()
			}
			return
		}
		d.Receive(doc)
	}
}

func asClose(err error, into **websocket.CloseError) bool {
	closed, ok := err.(*websocket.CloseError) //nolint:errorlint // as ReadMessage returns it
	*into = closed
	return ok
}

// closes counts how connections ended so far, by code.
func (h *rig) closes() (byCode map[int]int, spread time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	byCode = map[int]int{}
	for _, e := range h.endings {
		byCode[e.code]++
	}
	if n := len(h.endings); n > 0 {
		spread = h.endings[n-1].at.Sub(h.endings[0].at)
	}
	return byCode, spread
}

func (h *rig) write(seed uint64, rate float64) {
	h.writers = faulttest.Write(h.T, h.url, h.tenants, seed, 4, rate)
}

// judge asks the same as for the rows of notifier: queues, order, tenants, never committed, live while behind, and what was left over.
func (h *rig) judge(fault, name string, deaf time.Duration) {
	h.Helper()
	if h.healed.IsZero() {
		h.healed = time.Now()
	}
	h.writers.Stop()
	at, wrong := faulttest.Converge(context.Background(), h.truth, h.tenants, h.displays, 2*waitLimit)
	lost, took := len(wrong), max(at.Sub(h.healed), 0)
	if h.full && took > 2*time.Second {
		wrong = append(wrong, fmt.Sprintf("it took %v from the end of the fault until every display showed its queue", took))
	}
	for _, d := range h.displays {
		wrong = append(wrong, d.Wrong()...)
	}
	liveBehind, behind := faulttest.LiveWhileBehind(h.writers, h.displays, deaf)
	wrong = append(wrong, liveBehind...)
	invented, err := faulttest.NeverCommitted(context.Background(), h.pool, h.displays)
	if err != nil {
		h.Fatal(err)
	}
	wrong = append(wrong, invented...)
	wrong = append(wrong, h.writers.WriteProblems(5*time.Second)...)
	for _, w := range wrong[:min(len(wrong), 20)] {
		h.Error(w)
	}
	changes, _ := h.writers.Committed()
	remark := fmt.Sprintf("behind while live: %.2f s at most", behind.Seconds())
	if h.remark != "" {
		remark += "; " + h.remark
	}
	err = faulttest.NewTable(flagged(resultsFlag)).Add(faulttest.Result{Fault: fault, Name: name, Converged: took,
		Lost: lost, Displays: len(h.displays), Changes: changes, Remark: remark, Held: !h.Failed()})
	if err != nil {
		h.Error(err)
	}
}

// readiness asks on a connection from before, because a node that drains takes no new one.
func (h *rig) readiness(client *http.Client, node *served) (status int, text string) {
	h.Helper()
	response, err := client.Get(node.url + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (p *process) send(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
