package guess

import (
	"context"
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// timesLike are the columns of times that have one of the words in their names, by the order of the words, and none of the others.
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
	words := []string{"placed", "ordered_at", "created", "create", "inserted", "submitted", "order_date", "date_order", "opened", "entry_date", "received", "date", "time", "timestamp"}
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
	}
	if g.created == nil {
		g.created = all
	}
	var open []string
	for _, w := range g.words {
		if w.Means == "pending" || w.Means == "preparing" || w.Means == "ready" {
			open = append(open, w.SQL)
		}
	}
	for _, c := range o.timesLike(isTime, []string{"completed", "closed", "closing", "finished", "fulfilled", "served", "delivered_at", "delivered", "picked_up_at", "done_at"}, "checkout", "payment", "paid", "estimat", "expect") {
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

// some reports whether an order fulfils a condition, among those that are looked at.
func (g *guess) some(ctx context.Context, tx pgx.Tx, condition string) (found bool, err error) {
	return g.orders.some(ctx, tx, condition)
}

func (t *table) some(ctx context.Context, tx pgx.Tx, condition string) (found bool, err error) {
	err = tx.QueryRow(ctx, fmt.Sprintf(`select exists (select from (select * from %s limit 100000) t where %s)`, t.sql(), condition)).Scan(&found)
	return found, err
}

// moment is a time column as a timestamptz.
func moment(alias string, t *table, col string) string {
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

// momentLike is the first time column that has one of the words in its name, under the name that the view gives it.
func momentLike(alias string, t *table, what string, words ...string) string {
	col := t.columnLike(isTime, words...)
	if col == "" {
		return "null::timestamptz as " + what
	}
	return named(moment(alias, t, col), what)
}

// createdAt is SQL of the time of an order.
func (g *guess) createdAt() string {
	if len(g.created) == 0 {
		return "now() as created_at, -- GUESS: no column says when; the check will not let it be"
	}
	all := make([]string, len(g.created))
	for i, c := range g.created {
		all[i] = moment("o", g.orders, c)
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
