package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// A template's kitchen.set_status compares with PostgreSQL's own operators, even where somebody makes others in the schema of the host's
// tables: those would run with the rights of the role that attached.
func TestNobodysOperatorsRunInSetStatus(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, template := range attach.Templates() {
		if !strings.Contains(template.Text, "function kitchen.set_status") {
			continue
		}
		tried++
		t.Run(template.Name, func(t *testing.T) {
			t.Parallel()
			h := fixture(t, template.Name)
			h.up(mapping(t, template.Name))
			var script strings.Builder
			for _, left := range []string{"varchar", "text", "integer", "bigint", "name", "smallint", "timestamp"} {
				for _, right := range []string{"varchar", "text", "integer", "bigint", "name", "smallint", "timestamptz"} {
					script.WriteString(`create function theirs(` + left + `, ` + right + `) returns boolean language plpgsql as $$ begin raise exception 'theirs'; end $$;;`)
					for _, sign := range []string{"=", "<>", "<", ">"} {
						script.WriteString(`create operator ` + sign + ` (function = theirs, leftarg = ` + left + `, rightarg = ` + right + `);;`)
					}
				}
			}
			h.exec(script.String())
			id := h.one(`select id::text from kitchen.orders where open order by id limit 1`)
			for _, status := range []string{"preparing", "ready", "completed", "pending", "cancelled"} {
				h.exec(`select kitchen.set_status('` + id + `'::kitchen.order_key, '` + status + `')`)
			}
			if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
				t.Error(caught)
			}
		})
	}
	if tried == 0 {
		t.Error("no template has kitchen.set_status")
	}
}
