package guess

import (
	"context"
	"fmt"
	"strings"

	"kitchen/db/attach/sqltext"

	"github.com/jackc/pgx/v5"
)

// orderTypes maps words that hosts use for dine-in, takeaway and delivery to ours.
var orderTypes = map[string]string{
	"dine_in":  "dinein eatin inhouse onpremise table tableservice here forhere local mesa salon surplace vorort",
	"takeaway": "takeaway takeout pickup togo carryout collection collect instore clickandcollect curbside drivethru driveup parallevar retirada emporter aemporter abholung asporto",
	"delivery": "delivery deliver delivered homedelivery domicilio entrega livraison lieferung consegna",
}

// typeColumn is the column with the type of an order.
func (g *guess) typeColumn() string {
	return g.orders.column("order_type", "service_type", "fulfillment_type", "fulfilment_type", "delivery_type", "dining_option", "dining_options", "fulfillment_method", "ticket_type", "type", "channel", "tipo", "typ")
}

// readTypes reads the words in that column.
func (g *guess) readTypes(ctx context.Context, tx pgx.Tx) (err error) {
	c := g.typeColumn()
	if c == "" || sqltext.Int.Fits(g.orders.typeOf(c)) || !g.orders.isStatus(c) || g.orders.refers(c) {
		return nil
	}
	g.types, _, err = wordsOf(ctx, tx, g.orders, c, orderTypes)
	return err
}

// orderType returns SQL for the type of an order, where a column of words has it.
func (g *guess) orderType() string {
	o, col := g.orders, g.typeColumn()
	if col == "" {
		return "'dine_in' as order_type"
	}
	if sqltext.Int.Fits(o.typeOf(col)) || o.typeOf(col) == "boolean" || o.refers(col) {
		return "'dine_in' as order_type /* GUESS: " + col + " has numbers: map them to dine_in, takeaway, delivery */"
	}
	same, known := true, false
	var whens strings.Builder
	for _, w := range g.types {
		same = same && w.Means == w.label()
		if w.Means != "" {
			known = true
			fmt.Fprintf(&whens, " when %s then '%s'", w.SQL, w.Means)
		}
	}
	switch {
	case same:
		return textOr("o", o, "'dine_in'", "order_type", col)
	case !known:
		return "'dine_in' as order_type /* GUESS: " + col + " has other words than dine_in, takeaway, delivery: map them */"
	}
	return fmt.Sprintf("case o.%s%s else 'dine_in' end as order_type /* GUESS: one of dine_in, takeaway, delivery */", quoteIf(col), whens.String())
}
