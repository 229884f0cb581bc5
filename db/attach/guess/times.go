package guess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// timesLike finds the time columns whose names have one of the words, in the order of the words, and none of the words in not.
func (t *table) timesLike(fits func(typ string) bool, words []string, not ...string) (found []string) {
	for _, w := range words {
		for i, c := range t.Columns {
			if strings.Contains(flat(c), flat(w)) && fits(t.Types[i]) && !has(c, not...) && !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	return found
}

// readTimes chooses the time of an order, which no order may lack, and the time at which it was done, which no open order has.
func (g *guess) readTimes(ctx context.Context, tx pgx.Tx) error {
	o := g.orders
	words := []string{"placed", "ordered_at", "created", "create", "creation", "inserted", "submitted", "order_date", "date_order", "opened", "entry_date", "received", "date", "time", "timestamp"}
	not := []string{"updat", "modif", "chang", "delet", "cancel", "ready", "deliver", "complet", "paid", "expir", "clos", "promis", "schedul", "stamp_tx", "birth", "pickup", "timezone", "prep", "cook", "serv", "due"}
	all := o.timesLike(isTime, words, not...)
	if len(all) == 0 {
		all = o.timesLike(func(t string) bool { return t == "date" || t == "bigint" || t == "integer" }, words[:len(words)-2], append(not, "by", "id")...)
	}
	for _, c := range all {
		missing, err := g.some(ctx, tx, quoteIf(c)+" is null")
		if err != nil {
			return err
		}
		if !missing {
			g.created = []string{c}
			break
		}
		if has(c, "placed", "orderedat", "submitted") && !g.hasCarts() {
			g.created, g.placed = []string{c}, c
			break
		}
	}
	if g.created == nil {
		g.created = all
	}
	for i := range o.refs { // as a receipt has it for its ticket
		if r := &o.refs[i]; len(all) == 0 && slices.Equal(r.cols, o.keys) && slices.Equal(r.toCols, r.to.keys) && g.timeBeside(r.to) != "" {
			g.timeRef = r
		}
	}
	var open []string
	for _, w := range g.words {
		if w.Means == "pending" || w.Means == "preparing" || w.Means == "ready" {
			open = append(open, w.SQL)
		}
	}
	done := []string{"completed", "complete_time", "closed", "closing", "finished", "fulfilled", "served", "delivered_at", "delivered", "picked_up_at", "done_at"}
	ends := o.timesLike(isTime, done, "checkout", "payment", "paid", "estimat", "expect")
	if len(ends) == 0 {
		ends = o.timesLike(func(t string) bool { return t == "bigint" }, []string{"completed_at", "closed_at", "finished_at", "delivered_at", "served_at", "completed_time", "finish_time"})
	}
	for _, c := range ends {
		early := false
		if len(open) > 0 && g.history == nil {
			var err error
			if early, err = g.some(ctx, tx, fmt.Sprintf("%s is not null and %s in (%s)", quoteIf(c), quoteIf(g.status), strings.Join(open, ", "))); err != nil {
				return err
			}
		}
		if !early {
			g.left = c
			break
		}
	}
	return nil
}

// hasCarts reports whether some status means a cart, which is no order yet.
func (g *guess) hasCarts() bool {
	return slices.ContainsFunc(g.words, func(w word) bool { return w.Means == "cart" })
}

// some reports whether one of the sampled orders fulfils a condition.
func (g *guess) some(ctx context.Context, tx pgx.Tx, condition string) (found bool, err error) {
	return g.orders.some(ctx, tx, condition)
}

func (t *table) some(ctx context.Context, tx pgx.Tx, condition string) (found bool, err error) {
	err = tx.QueryRow(ctx, fmt.Sprintf(`select exists (select from (select * from %s limit 100000) t where %s)`, t.sql(), condition)).Scan(&found)
	return found, err
}

func (g *guess) timeBeside(t *table) string {
	return t.columnLike(isTime, "created", "date", "time", "opened", "at")
}

// timestamp returns a time column as a timestamptz.
func timestamp(alias string, t *table, col string) string {
	sql := alias + "." + quoteIf(col)
	switch typ := t.typeOf(col); {
	case typ == "timestamp without time zone":
		return sql + " at time zone 'UTC'"
	case typ == "date":
		return sql + "::timestamp at time zone 'UTC'"
	case sqltext.Int.Fits(typ):
		return "to_timestamp(case when " + sql + " > 100000000000 then " + sql + " / 1000.0 else " + sql + " end)"
	}
	return sql
}

// timestampLike returns the first time column whose name has one of the words, with the name that the view gives it.
func timestampLike(alias string, t *table, what string, words ...string) string {
	col := t.columnLike(isTime, words...)
	if col == "" {
		return "null::timestamptz as " + what
	}
	return named(timestamp(alias, t, col), what)
}

// createdAt returns SQL for the time of an order.
func (g *guess) createdAt() string {
	if len(g.created) == 0 && g.timeRef != nil {
		return named(timestamp("e", g.timeRef.to, g.timeBeside(g.timeRef.to)), "created_at") + ", -- GUESS: the row with the same key has the time"
	}
	if len(g.created) == 0 {
		return "now() as created_at, -- GUESS: no column says when; the check will not let it be"
	}
	all := make([]string, len(g.created))
	for i, c := range g.created {
		all[i] = timestamp("o", g.orders, c)
	}
	if len(all) > 1 {
		return "coalesce(" + strings.Join(all, ", ") + ") as created_at, -- GUESS: each of these is missing somewhere"
	}
	comment := ""
	if strings.Contains(all[0], "UTC") {
		comment = " -- GUESS: the times are those of UTC"
	}
	return named(all[0], "created_at") + "," + comment
}
