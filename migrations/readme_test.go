package migrations_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// codeBlocks returns the fenced blocks of one language in a document, in order.
func codeBlocks(t *testing.T, file, language string) []string {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(document), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has no %s", file, language)
	}
	return blocks
}

// TestReadmeRunsAsItStands runs every statement of the README in one session, and looks at what it promises.
func TestReadmeRunsAsItStands(t *testing.T) {
	t.Parallel()
	conn := dbtest.Conn(t, dbtest.New(t))

	// Roles are of the whole server: this one goes with the test, and one that an interrupted run left goes now.
	dropRole := func() {
		_, _ = conn.Exec(context.Background(), `drop owned by till`)
		_, _ = conn.Exec(context.Background(), `drop role if exists till`)
	}
	dropRole()
	defer dropRole()

	const restaurant, split = "0c0ffee0-0000-4000-8000-000000000001", "0c0ffee0-0000-4000-8000-000000000005"
	var received []string
	for _, block := range codeBlocks(t, "README.md", "sql") {
		for statement := range strings.SplitSeq(block, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			tag, err := conn.Exec(t.Context(), statement)
			if err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
			if strings.Contains(statement, "99 = (select v.version") && tag.RowsAffected() != 0 {
				t.Errorf("%s: %s", statement, tag)
			}
			if strings.Contains(statement, "priority = 2") {
				n, err := conn.WaitForNotification(t.Context())
				if err != nil || !strings.HasSuffix(n.Payload, `,"by":"till-3"}`) {
					t.Errorf("%v: %v", n, err)
				}
			}
			if strings.Contains(statement, "'ready'") {
				n, err := conn.WaitForNotification(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				received = append(received, n.Payload)
			}
		}
	}
	if document, _ := os.ReadFile("README.md"); len(received) != 1 || !strings.Contains(string(document), "`"+received[0]+"`") {
		t.Errorf("the README shows another notification than %s", received)
	}
	var lines, history int
	err := conn.QueryRow(t.Context(), `
		select (select sum(quantity) from order_items where order_id = $2 and name = 'Margherita'),
		       (select count(*) from orders where restaurant_id = $1 and status = 'completed')`, restaurant, split).
		Scan(&lines, &history)
	if err != nil || lines != 3 || history < 4000 {
		t.Errorf("three Margherita on the split order and a month of history were expected: %d, %d, %v", lines, history, err)
	}
}

// The table of what a writer may say names every column of the tables, and no other.
func TestReadmeNamesEveryColumn(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(restaurants|users|tables|menu_items|modifier_options|orders|order_items|order_item_modifiers)` \\| (.*) \\|$").FindAllStringSubmatch(string(document), -1) {
		for _, column := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[2], -1) {
			named[row[1]+"."+column[1]] = true
		}
	}
	h := open(t)
	rows, err := h.pool.Query(t.Context(), `
		select table_name || '.' || column_name from information_schema.columns
		 where table_schema = 'public' and column_name not in ('id', 'restaurant_id')`)
	if err != nil {
		t.Fatal(err)
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range there {
		if !named[column] {
			t.Errorf("%s is not in the table", column)
		}
		delete(named, column)
	}
	// What is left are words that a column may hold.
	for word := range named {
		switch _, w, _ := strings.Cut(word, "."); w {
		case "kitchen", "owner", "manager", "cashier", "viewer", "screen", "add", "remove", "allergy", "note", "dine_in", "takeaway", "delivery",
			"pending", "preparing", "ready", "completed", "cancelled":
		default:
			t.Errorf("%s is no column", word)
		}
	}
}
