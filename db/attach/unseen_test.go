package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// On another program's tables nobody can overlook an order either, whatever its keys; and another mapping forgets nothing of it.
func TestNobodyOverlooksAnotherProgramsOrders(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	look := func() string {
		h.Helper()
		return h.one(`select coalesce(array_to_string(kitchen.check_unseen('n', '1 second'), ' '), 'not mine')`)
	}
	h.exec(`update orders_order set status = 'served'; update orders_order set status = 'confirmed' where id = 1`)
	if said := look(); said != "" {
		t.Errorf("at first: %s", said)
	}
	h.exec(`update kitchen.unseen_check set since = now() - interval '1 minute', due_at = now() - interval '1 second';
		update kitchen.order_changes set changed_at = now() - interval '7 seconds' where order_id = 1;
		update kitchen.order_changes set changed_at = now() - interval '2 seconds' where order_id = 1 and xact = (select max(xact) from kitchen.order_changes where order_id = 1)`)
	if said := look(); !strings.HasPrefix(said, `{"type":"alarm","restaurant_id":"1","reason":"no_display","orders":1,"oldest_order_id":"1","oldest_order_number":`) {
		t.Errorf("an order without a display: %s", said)
	}
	h.exec(`insert into kitchen.screens (node, restaurant_id, count) values ('n', 1, 1)`)
	note := `select kitchen.note_sightings(array[1, 2, 1]::kitchen.restaurant_key[], array[1, 1, 2]::kitchen.order_key[], array[1, 1, 1], array['painted', 'painted', 'painted'], array[0, 0, 0], array[7, 7, 7], 'n')::text`
	if noted := h.one(note); noted != "1" {
		t.Errorf("%s noted, of one order in its own restaurant and two that are not", noted)
	}
	if unseen := h.one(`select string_agg(u.order_id || ' ' || u.restaurant_id || ' ' || u.reason || ' ' || (u.age > '6 seconds'), ', ') from kitchen.unseen u`); unseen != "1 1 not_touched true" {
		t.Errorf("unseen: %s", unseen)
	}
	if said := look(); !strings.HasPrefix(said, `{"type":"alarm_over","restaurant_id":"1","reason":"no_display"`) {
		t.Errorf("painted: %s", said)
	}

	changed := parse(t, "django.sql", strings.Replace(mappingText(t, "django"), `'' as allergy_note`, `'none' as allergy_note`, 1))
	if done, err := attach.Up(t.Context(), h.conn, changed); !done || err != nil {
		t.Fatalf("up with another mapping: %v, %v", done, err)
	}
	if kept := h.one(`select count(*)::text from kitchen.sightings`); kept != "1" {
		t.Errorf("%s sightings after another mapping", kept)
	}
	if done := h.one(`select kitchen.tidy_sightings(10)::text`); done != "0" {
		t.Errorf("%s forgotten of an open order", done)
	}
}

// mappingText is the text of a template.
func mappingText(t *testing.T, name string) string {
	found, err := attach.FindTemplate(name)
	if err != nil {
		t.Fatal(err)
	}
	return found.Text
}
