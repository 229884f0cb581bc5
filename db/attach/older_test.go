package attach_test

import (
	"strings"
	"testing"

	"kitchen/db"
)

// What was attached by another version of the program is attached again: migrations are of our own tables.
func TestWhatAttachedTablesLackIsAttachedAgain(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	if _, err := h.conn.Exec(t.Context(), `alter table kitchen.settings drop column recall_window`); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "kitchen attach up FILE") || strings.Contains(err.Error(), "migrate up") {
		t.Errorf("it says %v", err)
	}
}
