package attach

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// one holds the queries with which a trigger function announces the order of a single row most cheaply. Where a statement wrote more
// rows they fail with a cardinality violation: to ask for a second row first took a single one a fifth of what the function takes.
type one struct {
	generator
	OfOrders, Follow        bool
	Inserted, Deleted       string // give the order of the row, and true
	AllInserted, AllDeleted string // give the orders of all rows as k
	Changed                 string // gives the order of an updated row, and whether it differs from what it was
	Over                    bool   // they give the order's restaurant, too: Changed, and Inserted
	SameOrder               bool   // Changed does not look whether the row was another order's: it was none that was known
	Restaurant              string // where they do not: the query of the order's restaurant
	Seen, SeenColumns       string // the type of what kitchens see of a row, and its columns
}

// oneQuery is one of these queries, for the templates.
type oneQuery struct {
	*one
	Rows    string
	NewOver bool // the rows are new orders, and each names its restaurant
}

// Of is the query of the order of some rows.
func (o *one) Of(rows string) oneQuery {
	return oneQuery{one: o, Rows: rows, NewOver: o.Over && rows == o.Inserted}
}

// one makes the queries for a table whose rows each belong to one order; else it returns nil.
func (s *source) one(rules []rule, seen string) *one {
	if len(rules) != 1 || rules[0].array || len(s.key) == 0 {
		return nil
	}
	name := sqltext.Quote(s.name)
	order, col := "("+rules[0].sql+")", s.column(rules[0]) // of a row of a table that goes by the source's name
	if col != "" {
		order = rules[0].sql
	}
	single := func(rows string) string {
		return fmt.Sprintf("%s, (select true from %s) from %[2]s as %[3]s", order, rows, name)
	}
	all := func(rows string) string {
		return fmt.Sprintf("(select %s::kitchen.order_key as k from %s as %s)", order, rows, name)
	}
	names, _ := s.compared(s.seen)
	row := func(prefix string) string { return "row(" + list(names, prefix) + ")::kitchen." + seen }
	o := &one{Seen: seen, SeenColumns: s.types(names), Inserted: single("new_rows"), AllInserted: all("new_rows"), Deleted: single("old_rows"), AllDeleted: all("old_rows")}
	// A row that belongs to another order now is left to the queries for many rows. Of the orders' own table, whose key is the order's, such
	// an order was not known before, or is gone: that is seen from its last change, and spares a scan.
	o.SameOrder = s.over != nil && s.behind["orders"] && col != "" && len(s.key) == 1 && (col == s.key[0] || col == sqltext.Quote(s.key[0]))
	changed := func(table, of, restaurant, from string) string {
		if !o.SameOrder {
			of = fmt.Sprintf(`case when %[1]s = (select %[2]s from old_rows as %[3]s) then %[1]s end`, of, order, name)
		}
		return fmt.Sprintf(`%s,
             %s
             *<> (select %s from old_rows as %s)%s
        %s`, of, row(table+"."), row(name+"."), name, restaurant, from)
	}
	v := s.over
	if v == nil || !s.behind["orders"] {
		o.Changed = changed(name, order, "", "from new_rows as "+name)
		return o
	}
	o.Over = true
	o.Inserted = v.ID + ", (select true from new_rows), " + v.Restaurant + v.from("new_rows")
	if v.all && col != "" { // one scan of the row, without a join
		o.Changed = changed(v.alias, v.alias+"."+col, ", "+v.Restaurant, strings.TrimSpace(v.from("new_rows")))
	} else {
		o.Changed = changed(name, order, ", (select v.restaurant_id from ("+v.Of("(select "+name+".*)")+") v)", "from new_rows as "+name)
	}
	return o
}

// types returns columns with their types, of whatever length.
func (s *source) types(names []string) string {
	var all []string
	for _, c := range s.all {
		if slices.Contains(names, c.name) {
			all = append(all, sqltext.Quote(c.name)+" "+c.anyLength)
		}
	}
	return strings.Join(all, ", ")
}
