package guess

import (
	"context"
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

var fiveStatuses = []string{"pending", "preparing", "ready", "completed", "cancelled"}

// meanings are words that hosts use for a status, and which of the five they most often mean; without an entry nobody can know.
var meanings = map[string]string{
	"pending": "pending new placed open accepted confirmed received created submitted queued paid pendingapproval processing unfulfilled acknowledged waiting active " +
		"ordered sent approved",
	"preparing": "preparing cooking started inprogress inpreparation inkitchen beingprocessed preparation inproduction partiallyfulfilled making prep running",
	"ready":     "ready prepared readyforpickup cooked readytoserve readyfordelivery packed",
	"completed": "completed complete done served delivered fulfilled closed finished pickedup shipped outfordelivery ontheway delivering delivery dispatched settled collected returned",
	"cancelled": "cancelled canceled cancel void voided refused rejected refunded failed expired declined",
	"cart":      "cart draft basket building checkout addingitems incomplete awaitingpayment pendingpayment checkoutdraft unconfirmed requiresaction address payment", // no order yet
}

// duties are words that hosts use for what a user may do.
var duties = map[string]string{
	"owner":   "owner superuser superadmin proprietor",
	"manager": "manager admin administrator supervisor",
	"cashier": "cashier waiter waitress server staff employee bartender seller",
	"kitchen": "kitchen chef cook kitchenstaff headchef souschef",
	"viewer":  "viewer readonly",
	"nobody":  "customer client guest driver courier rider", // opens no display
}

func meaning(words map[string]string, word string) string {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(strings.TrimPrefix(word, "wc-")))
	for means, all := range words {
		if slices.Contains(strings.Fields(all), plain) {
			return means
		}
	}
	return ""
}

// word is one that stands in a column of the host, as SQL, and what is known of it.
type word struct {
	SQL, Means string
	Name       string // where the column holds a number or a key: what another table calls it
}

// wordsOf reads the words of a column: those that rows have, and those of its type where that is an enum.
func wordsOf(ctx context.Context, tx pgx.Tx, t *table, col string, means map[string]string) (words []word, nulls bool, err error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select distinct w from (select w from (select %[1]s::text as w from %[2]s limit 100000) t
		 union all select e.enumlabel::text from pg_catalog.pg_enum e join pg_catalog.pg_attribute a on a.atttypid = e.enumtypid
		  where a.attrelid = %[3]s::regclass and a.attname = %[4]s) s order by 1 nulls last limit 40`,
		sqltext.Quote(col), t.sql(), sqltext.Literal(t.sql()), sqltext.Literal(col)))
	if err != nil {
		return nil, false, err
	}
	number := sqltext.Int.Fits(t.typeOf(col)) || t.typeOf(col) == "boolean"
	var w *string
	_, err = pgx.ForEachRow(rows, []any{&w}, func() error {
		switch {
		case w == nil:
			nulls = true
		case number:
			words = append(words, word{SQL: *w})
		default:
			words = append(words, word{SQL: sqltext.Literal(*w), Means: meaning(means, *w)})
		}
		return nil
	})
	return words, nulls, err
}

// readWords reads the words of the orders' status, and of the users' roles.
func (g *guess) readWords(ctx context.Context, tx pgx.Tx) (err error) {
	if g.status != "" {
		if g.words, g.nulls, err = wordsOf(ctx, tx, g.orders, g.status, meanings); err != nil {
			return fmt.Errorf("read the statuses: %w", err)
		}
	}
	if g.statuses != nil {
		r := g.orders.refTo(g.statuses)
		rows, err := tx.Query(ctx, fmt.Sprintf(`select %s::text, %s::text from %s order by 1 limit 40`, sqltext.Quote(r.toCol), sqltext.Quote(g.statuses.nameOf()), g.statuses.sql()))
		if err != nil {
			return fmt.Errorf("read the table of statuses: %w", err)
		}
		g.words = nil
		var key string
		var name *string
		if _, err := pgx.ForEachRow(rows, []any{&key, &name}, func() error {
			w := word{SQL: key, Name: sqltext.OrNull(name)}
			if !sqltext.Int.Fits(g.statuses.typeOf(r.toCol)) {
				w.SQL = sqltext.Literal(key)
			}
			w.Means = meaning(meanings, w.Name)
			g.words = append(g.words, w)
			return nil
		}); err != nil {
			return fmt.Errorf("read the table of statuses: %w", err)
		}
	}
	if t, col := g.role(); col != "" {
		if g.roles, _, err = wordsOf(ctx, tx, t, col, duties); err != nil {
			return fmt.Errorf("read the roles: %w", err)
		}
	}
	if c := g.tenants.column("timezone", "time_zone", "tz"); c != "" {
		var bad int
		err := tx.QueryRow(ctx, fmt.Sprintf(`select count(*) from (select %[1]s::text as z from %[2]s limit 1000) t
			 where z is not null and not exists (select from pg_catalog.pg_timezone_names n where lower(n.name) = lower(z))`, sqltext.Quote(c), g.tenants.sql())).Scan(&bad)
		if err != nil {
			return fmt.Errorf("read the time zones: %w", err)
		}
		g.zone = "coalesce(r." + quoteIf(c) + "::text, 'UTC') as timezone"
		if bad > 0 {
			g.zone = "'UTC' as timezone -- GUESS: " + c + " has names that PostgreSQL does not know: map them\n      "
		}
	}
	return nil
}
