package attach_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

func TestMain(m *testing.M) {
	dbtest.AtOnce(3) // a test and its server take turns, and one waits for half a minute
	dbtest.Main(m)
}

// host is another program's database, and an ear on the channels of its restaurants.
type host struct {
	*testing.T
	url      string
	conn     *pgx.Conn // of the owner of the tables
	ear      *pgx.Conn
	sentinel int
}

// publicAnew makes the schema public nobody else's, as it is on any release.
const publicAnew = `drop schema public; create schema public; grant usage on schema public to public; `

// bare opens a database with nothing in it but what sql makes.
func bare(t *testing.T, sql string) *host {
	t.Helper()
	h := &host{T: t, url: dbtest.Empty(t)}
	h.conn, h.ear = h.connect(), h.connect()
	h.exec(publicAnew + sql)
	return h
}

func fixture(t *testing.T, name string) *host {
	t.Helper()
	return bare(t, dbtest.Script(t, "testdata/"+name+".sql"))
}

// djangoAttached is the fixture of Django with its template's mapping installed.
var djangoAttached = dbtest.Prepared{Fill: func(t testing.TB, url string) {
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	m, err := attach.Parse("django.sql", []byte(found.Text))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.PgConn().Exec(t.Context(), publicAnew+dbtest.Script(t, "testdata/django.sql")).ReadAll(); err != nil {
		t.Fatal(err)
	}
	if done, err := attach.Up(t.Context(), conn, m); err != nil || !done {
		t.Fatalf("up: %v, %v", done, err)
	}
}}

// attachedDjango opens a copy of djangoAttached, and listens.
func attachedDjango(t *testing.T) *host {
	t.Helper()
	h := &host{T: t, url: djangoAttached.New(t)}
	h.conn, h.ear = h.connect(), h.connect()
	h.listen()
	return h
}

func (h *host) connect() *pgx.Conn {
	h.Helper()
	conn, err := pgx.Connect(h.Context(), h.url)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// exec runs statements in one session, each by itself where ;; ends it.
func (h *host) exec(script string) {
	h.Helper()
	if err := h.try(script); err != nil {
		h.Fatal(err)
	}
}

func (h *host) try(script string) error {
	for s := range strings.SplitSeq(script, ";;") {
		if _, err := h.conn.PgConn().Exec(h.Context(), s).ReadAll(); err != nil {
			return fmt.Errorf("%.300s: %w", strings.TrimSpace(s), err)
		}
	}
	return nil
}

func (h *host) one(sql string, args ...any) (answer string) {
	h.Helper()
	if err := h.conn.QueryRow(h.Context(), sql, args...).Scan(&answer); err != nil {
		h.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func mapping(t *testing.T, name string) *attach.Mapping {
	t.Helper()
	found, err := attach.FindTemplate(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, name+".sql", found.Text)
}

func parse(t *testing.T, name, text string) *attach.Mapping {
	t.Helper()
	m, err := attach.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// up attaches, and listens.
func (h *host) up(m *attach.Mapping) {
	h.Helper()
	if done, err := attach.Up(h.Context(), h.conn, m); err != nil || !done {
		h.Fatalf("up: %v, %v", done, err)
	}
	h.listen()
}

// listen listens to all restaurants.
func (h *host) listen() {
	h.Helper()
	rows, err := h.conn.Query(h.Context(), `select id::text from kitchen.restaurants`)
	if err != nil {
		h.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		h.Fatal(err)
	}
	for _, channel := range append(ids, "users", "sentinel") {
		if _, err := h.ear.Exec(h.Context(), `listen "kitchen_`+channel+`"`); err != nil {
			h.Fatal(err)
		}
	}
}

// received is what was announced since the last time, sorted, as "1 order_created 7".
func (h *host) received() []string {
	h.Helper()
	h.sentinel++
	if _, err := h.ear.Exec(h.Context(), `select pg_notify('kitchen_sentinel', $1)`, fmt.Sprint(h.sentinel)); err != nil {
		h.Fatal(err)
	}
	received := []string{}
	for {
		ctx, cancel := context.WithTimeout(h.Context(), 20*time.Second)
		n, err := h.ear.WaitForNotification(ctx)
		cancel()
		if err != nil {
			h.Fatal(err)
		}
		if n.Channel == "kitchen_sentinel" {
			if n.Payload == fmt.Sprint(h.sentinel) {
				slices.Sort(received)
				return received
			}
			continue
		}
		var p struct {
			Type    string `json:"type"`
			OrderID string `json:"order_id"`
			UserID  string `json:"user_id"`
			Version *int64 `json:"version"`
		}
		if err := json.Unmarshal([]byte(n.Payload), &p); err != nil || len(n.Payload) >= 300 || strings.HasPrefix(p.Type, "order_") && p.Version == nil {
			h.Errorf("payload %q: %v", n.Payload, err)
		}
		received = append(received, strings.TrimSpace(strings.TrimPrefix(n.Channel, "kitchen_")+" "+p.Type+" "+p.OrderID+p.UserID))
	}
}

// expect compares what was announced; order hints of the same order count as one word each.
func (h *host) expect(what string, want ...string) {
	h.Helper()
	h.compare(what, h.received(), want)
}

// compare finds the same announcements in both, in any order.
func (h *host) compare(what string, received, want []string) {
	h.Helper()
	received, want = slices.Sorted(slices.Values(received)), slices.Sorted(slices.Values(want))
	if !slices.Equal(received, want) {
		h.Errorf("%s: announced %q, want %q", what, received, want)
	}
}
