package attach_test

import "testing"

// Beside another program's tables, whose keys are numbers, a screen is paired as beside ours; and a mapping that takes the place of
// another leaves paired screens as they are.
func TestScreensArePairedBesideAnotherProgramsTables(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	const id = "00000000-0000-4000-8000-000000000001"
	h.exec(`select kitchen.ask_to_pair('` + id + `', sha256('7K3M01QX'), sha256('pass'), '192.0.2.7', '10 minutes')`)
	if got := h.one(`select kitchen.pair('7k3m-oiqx', 1, 'Wall', 'screen', 2)::text`); got != id {
		t.Errorf("paired %s", got)
	}
	const all = `select string_agg(concat_ws(' ', d.id, d.restaurant_id, d.name, d.role, d.created_by, d.pass_hash = sha256('pass'), d.revoked_at), ', ') from kitchen.devices d`
	const want = id + " 1 Wall screen 2 t"
	if got := h.one(all); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	h.exec(`alter table orders_order add heat int; update kitchen.mapping set fingerprint = 'another'`)
	h.up(mapping(t, "django"))
	if got := h.one(all); got != want {
		t.Errorf("after another mapping: %s, want %s", got, want)
	}
}
