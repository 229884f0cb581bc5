package guess

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// statusLike is the column with the status: the kitchen's own rather than the whole order's.
func (t *table) statusLike() string {
	if t == nil {
		return ""
	}
	for _, n := range []string{"kitchen_status", "kds_status", "preparation_status", "status", "state", "order_status", "order_state", "status_id", "state_id", "order_status_id", "estado", "situacao", "statut", "stato"} {
		if c := t.column(n); c != "" && t.isStatus(c) {
			return c
		}
	}
	for _, c := range t.Columns {
		if has(c, "status", "state") && t.isStatus(c) && !has(c, "pay", "paid", "ship", "deliver", "invoice", "fulfil", "refund", "print", "sync", "prev", "old", "address", "billing", "tax") {
			return c
		}
	}
	return ""
}

// findStatus finds the column with an order's status. It may be a key of a table of statuses, or the status is in the latest row of a
// table of changes.
func (g *guess) findStatus() {
	g.status = g.orders.statusLike()
	for i := range g.orders.refs {
		if r := &g.orders.refs[i]; g.status != "" && len(r.cols) == 1 && r.cols[0] == g.status && r.to.nameOf() != "" {
			g.statuses = r.to
		}
	}
	if g.status == "" || g.statuses == nil && g.orders.typeOf(g.status) == "uuid" || g.statuses == nil && strings.HasSuffix(flat(g.status), "id") {
		if t := g.best(func(t *table) int {
			if r := g.orders.refTo(t); r != nil && has(t.Name, "status", "state") && has(r.cols[0], "status", "state") && t.nameOf() != "" {
				return 1
			}
			return 0
		}); t != nil {
			g.statuses, g.status = t, g.orders.refTo(t).cols[0]
		}
	}
	if g.status == "" {
		g.history = g.best(func(t *table) int {
			if t.refTo(g.orders) == nil || t == g.lines || t.statusLike() == "" || t.columnLike(isTime, "") == "" || !has(t.Name, "status", "state", "history", "event", "log", "transition", "change", "estado", "statut", "historial") {
				return 0
			}
			return 1
		})
		g.status = g.history.statusLike()
	}
}

// statusTable is the table that has the column of the status, and its alias.
func (g *guess) statusTable() (*table, string) {
	if g.history != nil {
		return g.history, "s"
	}
	return g.orders, "o"
}

// latest joins an order with the latest row of its history.
func (g *guess) latest() string {
	if g.history == nil {
		return ""
	}
	h, r := g.history, g.history.refTo(g.orders)
	return "\n  join lateral (select h." + quoteIf(g.status) + " from " + h.sql() + " h where " + r.by("h", "o") + " order by h." + quoteIf(h.columnLike(isTime, "")) +
		" desc, h." + quoteIf(h.keys[0]) + " desc limit 1) s on true -- GUESS: the latest row there is the status"
}

// hostWord is the host's word that most likely means a status: meanings lists the clearest words first.
func (g *guess) hostWord(status string) (best word, found bool) {
	rank := -1
	all := strings.Fields(meanings[status])
	for _, w := range g.words {
		if i := slices.Index(all, plainWord(w.label())); w.Means == status && (rank < 0 || i < rank) {
			best, rank, found = w, i, true
		}
	}
	return best, found
}

// unusedStatus is a value of the status column's type, to print where no order has a status yet.
func (g *guess) unusedStatus() string {
	t, _ := g.statusTable()
	switch typ := t.typeOf(g.status); {
	case sqltext.Int.Fits(typ):
		return "0"
	case typ == "boolean":
		return "false"
	case typ == "uuid":
		return "'00000000-0000-0000-0000-000000000000'"
	}
	return "'pending'"
}

// flagConditions returns the cases in which another column than the status decides, such as a time of cancelling, and the conditions under
// which none of them applies.
func (g *guess) flagConditions() (whens, not []string) {
	for _, s := range g.stagesOf() {
		whens = append(whens, fmt.Sprintf("when %s then '%s'", g.reached(s), s.status))
		if s.status == "cancelled" || s.status == "completed" {
			not = append(not, g.notReached(s))
		}
	}
	return whens, not
}

// writeStatus prints the columns status and open.
func (g *guess) writeStatus() {
	whens, open := g.flagConditions()
	if g.status == "" {
		status, isOpen := "'pending'", "true"
		if len(open) > 0 {
			isOpen = strings.Join(open, " and ")
		}
		said := "no column looks like a status"
		if len(whens) > 0 {
			status, said = "case\n         "+strings.Join(whens, "\n         ")+"\n         else 'pending'\n       end", "by what stands in other columns"
		}
		g.p("       %s as status, -- GUESS: %s\n       %s as open,", status, said, isOpen)
		return
	}
	_, alias := g.statusTable()
	col := alias + "." + quoteIf(g.status)
	head, is := "case "+col, func(w string) string { return w }
	if len(whens) > 0 || g.nulls {
		head, is = "case", func(w string) string { return col + " = " + w }
	}
	g.p("       %s", head)
	for _, w := range whens {
		g.p("         %s -- GUESS", w)
	}
	if g.nulls {
		g.p("         when %s is null then 'pending' -- GUESS: some orders have no status", col)
	}
	var words []string
	for _, w := range g.words {
		name := ""
		if w.Name != "" {
			name = " -- " + w.Name
		}
		switch w.Means {
		case "cart":
		case "":
			g.p("         when %s then null%s -- GUESS: what does it mean? One of pending, preparing, ready, completed, cancelled, or no order: add it to the where clause", is(w.SQL), name)
		default:
			if w.Means != "completed" && w.Means != "cancelled" {
				words = append(words, w.SQL)
			}
			g.p("         when %s then '%s'%s", is(w.SQL), w.Means, name)
		}
	}
	if len(g.words) == 0 {
		g.p("         when %s then 'pending' -- GUESS: there are no orders yet, whose words could be read", is(g.unusedStatus()))
		words = append(words, g.unusedStatus())
	}
	g.p("       end as status, -- GUESS: words that no order has today are missing")
	said := ""
	if len(words) == 0 {
		said, words = " -- GUESS: name here those that are pending, preparing or ready", []string{g.unusedStatus()}
	}
	in := fmt.Sprintf("%s in (%s)", col, strings.Join(words, ", "))
	if g.nulls {
		in = fmt.Sprintf("(%s is null or %s)", col, in)
	}
	g.p("       %s as open,%s", strings.Join(append([]string{in}, open...), " and "), said)
}
