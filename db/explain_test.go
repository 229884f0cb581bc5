package db_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/dbtest"
)

// said collects the statements that a DB sends, each with its arguments.
type said struct {
	mu         sync.Mutex
	statements map[string][]any
}

func (s *said) note(sql string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements[sql] = args
}

func (s *said) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.note(q.SQL, q.Args)
	return ctx
}
func (s *said) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *said) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *said) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.note(q.SQL, q.Args)
}
func (s *said) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// explain runs a statement by its generic plan, as a connection keeps it, and takes back what it did.
func explain(t *testing.T, conn *pgx.Conn, sql string, args []any, reads bool) (plan string, pages int) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // nothing is kept
	literals := make([]string, len(args))
	for i, a := range args {
		v := reflect.Indirect(reflect.ValueOf(a))
		literals[i] = fmt.Sprintf("'%v'", v)
		if v.Kind() == reflect.Slice {
			literals[i] = "'{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "[]") + "}'"
		}
	}
	execute := "execute explained"
	if len(args) > 0 {
		execute += "(" + strings.Join(literals, ", ") + ")"
	}
	script := []string{"deallocate all", "set local plan_cache_mode = force_generic_plan"}
	if reads {
		script = append(script, strings.ReplaceAll(db.ReadSettings, "$1", "true"))
	}
	script = append(script, "prepare explained as "+sql)
	for _, s := range script {
		if _, err := tx.Conn().PgConn().Exec(t.Context(), s).ReadAll(); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	results, err := tx.Conn().PgConn().Exec(t.Context(), "explain (analyze, buffers, format json) "+execute).ReadAll()
	if err != nil {
		t.Fatalf("explain %s: %v", sql, err)
	}
	var tree []struct {
		Plan map[string]any
	}
	if err := json.Unmarshal(results[0].Rows[0][0], &tree); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"Shared Hit Blocks", "Shared Read Blocks"} {
		n, _ := tree[0].Plan[key].(float64)
		pages += int(n)
	}
	var nodes []string
	var walk func(map[string]any, int)
	walk = func(node map[string]any, depth int) {
		line := fmt.Sprint(strings.Repeat("  ", depth), node["Node Type"])
		if node["Relation Name"] != nil {
			line += fmt.Sprint(" on ", node["Relation Name"], " ")
		}
		if node["Index Name"] != nil {
			line += fmt.Sprint(" using ", node["Index Name"])
		}
		nodes = append(nodes, line)
		children, _ := node["Plans"].([]any)
		for _, c := range children {
			walk(c.(map[string]any), depth+1)
		}
	}
	walk(tree[0].Plan, 0)
	return strings.Join(slices.Compact(nodes), "\n"), pages
}

// overheard is an empty database, a connection to explain statements on, and what f.db sends.
func overheard(t *testing.T) (f fixture, conn *pgx.Conn, received *said) {
	t.Helper()
	url := dbtest.New(t)
	conn = dbtest.Conn(t, url)
	received = &said{statements: map[string][]any{}}
	d, err := db.OpenTraced(t.Context(), url, received)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return fixture{t, d, dbtest.Pool(t, url)}, conn, received
}

// readsOrders reports whether a statement reads a view of orders.
func readsOrders(sql string) bool {
	return strings.Contains(sql, "kitchen.orders") || strings.Contains(sql, "kitchen.order_rows")
}
