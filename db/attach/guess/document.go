package guess

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// document is a JSON array of lines in a column of the orders' table, and the keys that its objects use.
type document struct{ column, name, quantity, notes, options string }

// documents are usual names of a column with lines in JSON.
var documents = []string{"items", "lines", "products", "dishes", "cart", "details"}

func isJSON(typ string) bool { return typ == "json" || typ == "jsonb" }

// readDocument looks for lines in JSON where no table has any.
func (g *guess) readDocument(ctx context.Context, tx pgx.Tx) error {
	col := g.orders.columnLike(isJSON, documents...)
	if g.lines != nil || col == "" {
		return nil
	}
	g.document.column = col
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select distinct k.key, jsonb_typeof(k.value) = 'array' from (select %[1]s::jsonb as d from %[2]s where %[1]s is not null limit 1000) o
		 cross join lateral jsonb_array_elements(case jsonb_typeof(o.d) when 'array' then o.d end) i (line)
		 cross join lateral jsonb_each(case jsonb_typeof(i.line) when 'object' then i.line end) k order by 1`, sqltext.Quote(col), g.orders.sql()))
	if err != nil {
		return err
	}
	names := &table{}
	var arrays []string
	var key string
	var array bool
	if _, err := pgx.ForEachRow(rows, []any{&key, &array}, func() error {
		if array {
			arrays = append(arrays, key)
		} else {
			names.Columns, names.Types = append(names.Columns, key), append(names.Types, "text")
		}
		return nil
	}); err != nil {
		return err
	}
	g.document.name = orElse(names.nameOf(), orElse(names.column("item", "product", "dish"), "name"))
	g.document.quantity = orElse(names.column("quantity", "qty", "count", "amount"), "quantity")
	g.document.notes = orElse(names.column("notes", "note", "comment", "special_instructions"), "notes")
	for _, a := range arrays {
		if has(a, "option", "modifier", "extra", "topping", "addon", "choice") {
			g.document.options = a
			break
		}
	}
	return nil
}

// writeBlobs warns of tables whose orders no view can read, such as open tickets that a till keeps as binary data until they are paid.
func (g *guess) writeBlobs() {
	for _, t := range g.tables {
		if c := t.columnLike(func(typ string) bool { return typ == "bytea" }, "content", "data", "ticket", "payload", "body"); c != "" && t != g.orders && has(t.Name, "order", "ticket", "sale", "cart") && !has(t.Name, "line", "item") {
			g.p("-- GUESS: %s.%s may hold orders as a blob, which no view can read: what stands there alone, such as a ticket until it is paid, no kitchen can show.\n", t.sql(), quoteIf(c))
		}
	}
}

// number returns SQL for an order's key as part of a line's key, which may have at most 40 characters.
func (g *guess) number() string {
	if g.orders.idType() == "uuid" {
		return "replace(" + g.orders.id("o") + "::text, '-', '')"
	}
	return g.orders.id("o") + "::text"
}

func (d document) array() string {
	return fmt.Sprintf("jsonb_array_elements(case jsonb_typeof(o.%[1]s::jsonb) when 'array' then o.%[1]s::jsonb end) with ordinality i (line, n)", quoteIf(d.column))
}

// note returns SQL for a line's notes together with its options: an index could not find options as rows of kitchen.modifiers.
func (d document) note() string {
	note := fmt.Sprintf("coalesce(i.line ->> %s, '')", sqltext.Literal(d.notes))
	if d.options == "" {
		return note
	}
	return fmt.Sprintf(`concat_ws('; ', nullif(i.line ->> %s, ''),
         (select string_agg(coalesce(x ->> 'name', x #>> '{}'), '; ') from jsonb_array_elements(case jsonb_typeof(i.line -> %[2]s) when 'array' then i.line -> %[2]s end) x))`,
		sqltext.Literal(d.notes), sqltext.Literal(d.options))
}
