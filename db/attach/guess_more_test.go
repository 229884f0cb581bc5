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
		"onedish": {[]string{`o."MenuId" as menu_item_id`, "o.amount as quantity", `left join "Menus" m`}, ""},
		"hasura":  {[]string{"from profiles u", "join restaurant_members m", "when 'COOK' then 'kitchen'", "not in ('DRAFT')", "when 'TAKE_OUT' then 'takeaway'", "when 'COOKING' then 'preparing'\n"}, ""},
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
