package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// noteMapping is Django's, with a table more, note, out of which an order's notes come, and which names the order in a column that no view reads.
func noteMapping(t *testing.T, notes string) *attach.Mapping {
	t.Helper()
	text := read(t, "templates/django.sql")
	for _, change := range [][2]string{
		{"o.customer_name, o.notes,", "o.customer_name, " + notes + " as notes,"},
		{"  from orders_order o\n", "  from orders_order o left join note d on d.id = o.id\n"},
		{"  ('orders_order', ", "  ('note', 'for_order', null),\n  ('orders_order', "},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the template has no %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	return parse(t, "django.sql", text)
}

// Rows are compared as values of a type of the kitchen's own. That cuts nothing off, and its types are found outside of the search_path.
func TestAChangeIsSeenInAColumnOfAnyType(t *testing.T) {
	t.Parallel()
	for typ, values := range map[string][2]string{
		"char(10)":           {"abc", "abd"},
		"varchar(10)":        {"abc", "abd"},
		`"char"`:             {"a", "b"},
		"bit(4)":             {"1010", "1011"},
		"varbit(6)":          {"1010", "101011"},
		"numeric(6,3)":       {"1.001", "1.002"},
		"interval second(3)": {"1.001 s", "1.002 s"},
		"timestamptz(3)":     {"2026-11-29 10:00:00.001+00", "2026-11-29 10:00:00.002+00"},
		"json":               {"{}", "{ }"},
		"point":              {"(1,2)", "(1,3)"},
		"text[]":             {"{a}", "{a,b}"},
		`"Odd".word`:         {"hot", "cold"},
		`"Odd".word[]`:       {"{hot}", "{hot,cold}"},
		`"Odd"."Small One"`:  {"1", "2"},
		`"Odd".pair`:         {"(1,a)", "(1,b)"},
	} {
		t.Run(typ, func(t *testing.T) {
			h := fixture(t, "django")
			h.exec(`create schema "Odd"; create type "Odd".word as enum ('hot', 'cold'); create domain "Odd"."Small One" as int; create type "Odd".pair as (n int, t text);
				create table note (id bigint primary key, for_order bigint not null, odd ` + typ + `); insert into note values (1, 1, '` + values[0] + `')`)
			h.up(noteMapping(t, "d.odd::text"))
			h.exec(`update note set odd = '` + values[1] + `'`)
			h.expect("another value", "1 order_updated 1")
			h.exec(`update note set odd = odd`)
			h.expect("the same value")
		})
	}
}

// PostgreSQL lets a column be retyped that no view reads. The comparison then goes by the former type, and may fail: the doctor says it.
func TestAColumnOfAnotherTypeIsNotFit(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`create table note (id bigint primary key, for_order int not null, txt text); insert into note values (1, 1, 'x')`)
	h.up(noteMapping(t, "d.txt"))
	before := h.installed()
	if before.Worst() != attach.OK {
		t.Fatalf("as installed: %v", before)
	}
	h.exec(`alter table note alter for_order type bigint`)
	if after := h.installed(); after.Worst() != attach.Wrong || !strings.Contains(after[0].Means, "for_order") {
		t.Errorf("after for_order became bigint: %v", after)
	}
	h.up(noteMapping(t, "d.txt"))
	if again := h.installed(); again.Worst() != attach.OK {
		t.Errorf("attached again: %v", again)
	}
}

// installed is what the doctor finds of the installed mapping.
func (h *host) installed() attach.Report {
	h.Helper()
	report, err := attach.Installed(h.Context(), h.conn)
	if err != nil {
		h.Fatal(err)
	}
	return report
}
