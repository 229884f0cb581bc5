package attach_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// isolations are how long sixteen write beside each other, by level: longest on one host, and strictly on those that differ most from it.
func (f tables) isolations() map[string]int {
	switch f.name {
	case "django":
		return map[string]int{"read committed": 24, "repeatable read": 5, "serializable": 5}
	case own, "coopcycle":
		return map[string]int{"read committed": 6, "serializable": 2}
	}
	return map[string]int{"read committed": 6}
}

// writersDoNotDeadlock lets sixteen write eight orders, each order by several at once, lines first, in any order of rows: nobody's transaction
// fails, and every one is counted.
func (w *words) writersDoNotDeadlock(pool *pgxpool.Pool, isolation string, rounds int) {
	w.run(`{orders 100 107 104};; {lines 100 107}`)
	var lines atomic.Int64
	lines.Store(1000)
	var writers sync.WaitGroup
	for writer := range 16 {
		writers.Go(func() {
			for i := range rounds {
				a, b := 100+(writer+i)%8, 100+(writer+i+3)%8
				a, b = min(a, b), max(a, b) // the host takes its own locks in one order
				sql := fmt.Sprintf(`begin isolation level %s; {more %d}; {more %d}; {line %d %[2]d}; {note %[2]d a%[4]d}; {note %[3]d b%[4]d}; commit`, isolation, a, b, lines.Add(1))
				sql = word.ReplaceAllStringFunc(sql, func(s string) string { return w.sayWord(strings.Fields(s[1 : len(s)-1])) })
				if err := writeAgain(w.Context(), pool.Exec, sql, isolation != "read committed"); err != nil {
					w.Errorf("a writer's transaction failed: %v", err)
					return
				}
			}
		})
	}
	writers.Wait()
	// Each transaction changed two orders, and the eight were made, and got a line, before.
	want := 16*rounds*2 + 16
	if n := len(w.received()); n != want {
		w.Errorf("%d announcements, want %d", n, want)
	}
	if n := w.one(`select sum(version)::text from kitchen.order_versions where order_id >= ` + w.literal("100")); n != fmt.Sprint(want) {
		w.Errorf("versions add up to %s, want %d", n, want)
	}
}

// writeAgain sends a transaction until it does not fail of what others have written, where a writer must expect that.
func writeAgain(ctx context.Context, exec func(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error), sql string, again bool) error {
	for {
		_, err := exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
		var pg *pgconn.PgError
		if !again || !errors.As(err, &pg) || pg.Code != "40001" {
			return err
		}
		if _, err := exec(ctx, "rollback"); err != nil {
			return err
		}
	}
}

// twoTransactions writes order 1 in a transaction that goes on while another writes it.
func (w *words) twoTransactions() {
	beside := *w
	beside.host = &host{T: w.T, url: w.url, conn: w.connect(), ear: w.ear}
	w.run(`begin;; {more 10}`)
	beside.run(`begin;; {line 12 1};; commit`)
	w.expect("the one that is committed", "A order_updated 1")
	w.hasVersion("2")
	w.run(`commit`)
	w.expect("the other", "A order_updated 1")
	w.hasVersion("3")

	w.run(`begin;; {more 10};; {line 13 1}`)
	beside.run(`begin;; {more 11};; {line 14 1};; rollback`)
	w.run(`commit`)
	w.expect("beside one that is rolled back", "A order_updated 1")
	w.hasVersion("4")
}
