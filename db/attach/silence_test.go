package attach_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/attach"
	orders "kitchen/db/order"
)

// What a trigger's absence silences is what its table feeds, whatever the host calls the table: where only kitchen.users reads it,
// displays still hear of every order.
func TestWhatATableFeedsDecidesWhetherDisplaysAreSilent(t *testing.T) {
	t.Parallel()
	fixture, err := os.ReadFile("testdata/oscar.sql")
	if err != nil {
		t.Fatal(err)
	}
	template, err := attach.FindTemplate("oscar")
	if err != nil {
		t.Fatal(err)
	}
	// The orders are in a table that is called as the project's own table of users.
	renamed := func(text string) string { return regexp.MustCompile(`\border_order\b`).ReplaceAllString(text, "users") }
	h := bare(t, renamed(string(fixture)))
	h.up(parse(t, "oscar.sql", renamed(template.Text)))
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for statement, want := range map[string]db.TriggerFault{
		`drop trigger kitchen_watch_update on partner_partner_users`:             {Means: "partner_partner_users.kitchen_watch_update is missing"},
		`alter table partner_partner_users disable trigger kitchen_watch_delete`: {Means: "partner_partner_users.kitchen_watch_delete is disabled"},
		`drop trigger kitchen_watch_update on users`:                             {Means: "users.kitchen_watch_update is missing", Silences: true},
		`alter table users enable trigger kitchen_watch_insert`:                  {Means: "users.kitchen_watch_insert is not enabled always"},
		`alter table order_line enable replica trigger kitchen_watch_insert`:     {Means: "order_line.kitchen_watch_insert is disabled, but for replicas", Silences: true},
		`alter table auth_user disable trigger kitchen_watch_update`:             {Means: "auth_user.kitchen_watch_update is disabled", Silences: true}, // names of customers
		`alter table order_line rename title to dish`:                            {Means: "order_line has no column title any more", Silences: true},
		`alter table partner_partner_users rename user_id to member_id`:          {Means: "partner_partner_users has no column user_id any more"},
		`alter table order_lineattribute rename to tables`:                       {Means: "order_lineattribute.kitchen_watch_insert is missing", Silences: true},
	} {
		h.exec(`begin; ` + statement + `; commit`)
		faults, err := d.CheckTriggers(t.Context())
		found := false
		for _, f := range faults {
			found = found || f == want
		}
		if err != nil || !found {
			t.Errorf("%s: %+v is not among %+v (%v)", strings.SplitN(statement, ";", 2)[0], want, faults, err)
		}
	}
}

// What a trigger or a constraint of the host says against a tap is said to the cook: trying again would not help.
func TestWhatTheHostRefusesIsSaid(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`create function no() returns trigger language plpgsql as $$ begin raise exception 'pay first'; end $$;
		create trigger no before update on orders_order for each row when (NEW.status = 'ready') execute function no();
		alter table orders_order add constraint not_yet check (status <> 'served' or id <> 1)`)
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for status, want := range map[orders.Status]string{orders.Ready: "pay first", orders.Completed: "not_yet"} {
		_, err = d.UpdateStatus(t.Context(), orders.StatusUpdate{Restaurant: "1", Order: "1", Status: status})
		var refused *orders.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, want) {
			t.Errorf("%s: %v, want a refusal with %q", status, err, want)
		}
	}
}
