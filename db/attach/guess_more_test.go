package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
	"kitchen/db/attach/guess"
)

// What a guess must find by itself in the tables of more systems; the check lets it pass but for what it asks a person.
func TestGuessReadsWhatSystemsDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says []string
		asks string // what only a person knows, in the report
	}{
		"keystone": {[]string{`left join "Product" p on p.id = x."B"`, `from "OrderItem" i;`, `case when u."isAdmin" then 'owner' else 'kitchen' end`, "when o.status is null then 'pending'"}, ""},
		"frappe":   {[]string{"md5(o.company) as restaurant_id", "i.parent as order_id", "i.item_name as name", "md5(r.name) as id", "o.creation at time zone"}, `the host's "Consolidated"`},
		"unicenta": {[]string{"sharedtickets.content may hold orders as a blob", "join receipts e on e.id = o.id", "from ticketlines i", "o.ticketid as order_number", "i.units as quantity", "from people u"}, `the host's "0"`},
		"stages": {[]string{"when o.finished_at is not null then 'completed'", "o.cancelled_at is null and o.finished_at is null as open", "o.placed_at is not null -- GUESS",
			"started_at = case when $2 in ('preparing', 'ready', 'completed')"}, ""},
		"purchase": {[]string{"no table is called like one of orders; purchase has", "o.seq as order_number", "order by h.at desc, h.id desc limit 1", "i.dish as name", "when 'plated' then 'ready'", "o.guest"}, ""},
		"docs":     {[]string{"; docs has", "when o.accepted_at is not null then 'preparing'", "accepted_at = case when $2 in ('preparing', 'ready', 'completed')", "o.no as order_number", "i.line ->> 'qty'", "a row of shops"}, ""},
		"inherits": {[]string{"from orders o\n", "a row of cafes", "i.name", "when 'done' then 'completed'"}, ""},
		"courses":  {[]string{"coalesce(i.course, 1)::integer as course", "where i.removed_at is null"}, ""},
		"onedish":  {[]string{`o."MenuId" as menu_item_id`, "o.amount as quantity", `left join "Menus" m`}, ""},
		"hasura":   {[]string{"from profiles u", "join restaurant_members m", "when 'COOK' then 'kitchen'", "not in ('DRAFT')", "when 'TAKE_OUT' then 'takeaway'", "when 'COOKING' then 'preparing'\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := fixture(t, "guess/"+name)
			guessed, err := guess.Mapping(t.Context(), h.conn)
			if err != nil {
				t.Fatal(err)
			}
			for _, says := range c.says {
				if !strings.Contains(guessed, says) {
					t.Errorf("it does not say %q", says)
				}
			}
			for _, f := range h.check(parse(t, "guessed.sql", guessed)) {
				if f.Level == attach.Wrong && (c.asks == "" || !strings.Contains(f.Means, c.asks)) {
					t.Errorf("%s: %s", f.Check, f.Means)
				}
			}
			if t.Failed() {
				t.Log(guessed)
			}
		})
	}
}

// A long table begins with what is over: the words of open orders are in its newest rows.
func TestGuessReadsTheNewestRows(t *testing.T) {
	t.Parallel()
	h := fixture(t, "guess/inherits")
	h.exec(`delete from phone_orders; delete from only orders; insert into orders (id, cafe_id, status) select g, 1, case when g > 102200 then 'cooking' else 'done' end from generate_series(2000, 102300) g`)
	guessed, err := guess.Mapping(t.Context(), h.conn)
	if err != nil || !strings.Contains(guessed, "when 'cooking' then 'preparing'") {
		t.Errorf("%v:\n%s", err, guessed)
	}
}
