package attach

import (
	"fmt"
	"kitchen/db/attach/sqltext"
	"strings"
)

// one holds the queries with which a trigger function announces the order of a single row most cheaply. They find nothing where a
// statement wrote more rows.
type one struct {
	generator
	OfOrders, Follow        bool
	Inserted, Deleted       string // give the order of the row as k
	AllInserted, AllDeleted string // give the orders of all rows
	Changed                 string // gives the order of an updated row, and whether it differs from what it was
	Over                    bool   // they give the order's restaurant, too: Changed, and Inserted
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
func (s *source) one(rules []rule) *one {
	if len(rules) != 1 || rules[0].array || len(s.key) == 0 {
		return nil
	}
	as, col := " as "+sqltext.Quote(s.name), s.column(rules[0])
	of := func(rows, where string) string {
		if col != "" {
			return fmt.Sprintf("(select r.%s::kitchen.order_key as k from %s r%s)", col, rows, where)
		}
		return fmt.Sprintf("(select (%s)::kitchen.order_key as k from %s%s)", rules[0].sql, rows+as, where)
	}
	const single = " where not exists (select from %s offset 1)"
	names, pairs := s.compared(s.seen)
	o := &one{
		Inserted: of("new_rows", fmt.Sprintf(single, "new_rows")), AllInserted: of("new_rows", ""),
		Deleted: of("old_rows", fmt.Sprintf(single, "old_rows")), AllDeleted: of("old_rows", ""),
	}
	restaurant, over := "", ""
	if s.over != nil && s.behind["orders"] {
		o.Over = true
		o.Inserted = "(select v.id::kitchen.order_key as k, v.restaurant_id from (" + s.over("new_rows") + ") v" + fmt.Sprintf(single, "new_rows") + " and v.restaurant_id is not null)"
		restaurant, over = ",\n           v.restaurant_id", "\n      left join lateral ("+s.over("(select n.*)")+") v on true"
	}
	if col != "" {
		o.Changed = fmt.Sprintf(`n.%[1]s,
           %[3]s
           *<> %[4]s%[5]s
      from old_rows o join new_rows n on %[2]s%[6]s
     where n.%[1]s = o.%[1]s and not exists (select from new_rows offset 1)`, col, strings.Join(pairs, " and "), row(names, "o."), row(names, "n."), restaurant, over)
		return o
	}
	o.Changed = fmt.Sprintf(`x.k,
           %[4]s
           *<> %[5]s%[6]s
      from old_rows o join new_rows n on %[1]s
     cross join lateral %[2]s x
     cross join lateral %[3]s y%[7]s
     where x.k = y.k and not exists (select from new_rows offset 1)`,
		strings.Join(pairs, " and "), of("(select n.*)", ""), of("(select o.*)", ""), row(names, "o."), row(names, "n."), restaurant, over)
	return o
}
