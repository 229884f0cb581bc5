package migrations_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver

	"kitchen/db/dbtest"
)

// house is two restaurants in a database of the test's own, and an ear on their channels.
type house struct {
	*testing.T
	url      string
	pool     *pgxpool.Pool
	ear      *pgx.Conn
	major    int
	a, b     string // restaurants
	item     string // on the menu of a
	option   string // of a
	table    string // of a
	user     string // of a
	sentinel int
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, url: dbtest.New(t)}
	h.fill()
	h.listen()
	return h
}

func (h *house) fill() {
	h.Helper()
	h.pool = dbtest.Pool(h.T, h.url)
	h.a = h.one(`insert into restaurants (name) values ('A') returning id::text`)
	h.b = h.one(`insert into restaurants (name) values ('B') returning id::text`)
	h.item = h.one(`insert into menu_items (restaurant_id, name) values ($1, 'Soup') returning id::text`, h.a)
	h.option = h.one(`insert into modifier_options (restaurant_id, name) values ($1, 'No onion') returning id::text`, h.a)
	h.table = h.one(`insert into tables (restaurant_id, label) values ($1, 'T1') returning id::text`, h.a)
	h.user = h.one(`insert into users (restaurant_id, username) values ($1, 'ana') returning id::text`, h.a)
}

func (h *house) listen() {
	h.Helper()
	var err error
	if h.ear, err = pgx.Connect(h.Context(), h.url); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = h.ear.Close(context.Background()) })
	for _, channel := range []string{"kitchen_" + h.a, "kitchen_" + h.b, "sentinel"} {
		if _, err := h.ear.Exec(h.Context(), `listen "`+channel+`"`); err != nil {
			h.Fatal(err)
		}
	}
	h.major = func() int {
		var n int
		if err := h.ear.QueryRow(h.Context(), `select current_setting('server_version_num')::int / 10000`).Scan(&n); err != nil {
			h.Fatal(err)
		}
		return n
	}()
}

func (h *house) one(sql string, args ...any) (answer string) {
	h.Helper()
	if err := h.pool.QueryRow(h.Context(), sql, args...).Scan(&answer); err != nil {
		h.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// do runs statements as psql does: each by itself; ;; ends a transaction. Names like $A are replaced.
func (h *house) do(script string) error {
	h.Helper()
	conn := dbtest.Conn(h, h.url)
	script = strings.NewReplacer("$A", "'"+h.a+"'", "$B", "'"+h.b+"'", "$ITEM", "'"+h.item+"'", "$OPTION", "'"+h.option+"'",
		"$TABLE", "'"+h.table+"'", "$USER", "'"+h.user+"'").Replace(script)
	for statement := range strings.SplitSeq(script, ";;") {
		if _, err := conn.PgConn().Exec(h.Context(), statement).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(statement), err)
		}
	}
	return nil
}

// received is what was announced since the last time, as "A order_created", each with its status where it has one.
func (h *house) received() []string {
	h.Helper()
	h.sentinel++
	if _, err := h.pool.Exec(h.Context(), `select pg_notify('sentinel', $1)`, fmt.Sprint(h.sentinel)); err != nil {
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
		if n.Channel == "sentinel" {
			if n.Payload == fmt.Sprint(h.sentinel) {
				return received
			}
			continue
		}
		var p struct {
			Type    string `json:"type"`
			OrderID string `json:"order_id"`
			Status  string `json:"status"`
			Version int64  `json:"version"`
		}
		if err := json.Unmarshal([]byte(n.Payload), &p); err != nil || len(n.Payload) >= 300 || strings.Contains(n.Payload, " ") {
			h.Errorf("payload %q: %v", n.Payload, err)
		}
		if p.Type != "queue_changed" && (len(p.OrderID) != 36 || p.Version == 0) {
			h.Errorf("payload %q", n.Payload)
		}
		received = append(received, strings.TrimSpace(map[string]string{"kitchen_" + h.a: "A", "kitchen_" + h.b: "B"}[n.Channel]+" "+p.Type+" "+p.Status))
	}
}
