package board_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	kitchenorder "kitchen/db/order"
)

// TestStepsOfTheBoardAreTheServersOwn holds the one table of moves: db/order's.
func TestStepsOfTheBoardAreTheServersOwn(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node on this machine, 18 or later; on Debian or Ubuntu: apt-get install -y nodejs")
	}
	statuses := []kitchenorder.Status{kitchenorder.Pending, kitchenorder.Preparing, kitchenorder.Ready, kitchenorder.Completed, kitchenorder.Cancelled}
	asked, err := json.Marshal(statuses)
	if err != nil {
		t.Fatal(err)
	}
	program := `import { isOpen, nextStatus, previousStatus } from "./client/index.js";
		console.log(JSON.stringify(` + string(asked) + `.map((s) => ({ status: s, open: isOpen(s), next: nextStatus(s) ?? "", previous: previousStatus(s) ?? "" }))));`
	out, err := exec.CommandContext(t.Context(), node, "--input-type=module", "--eval", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Status, Next, Previous kitchenorder.Status
		Open                   bool
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(statuses) {
		t.Fatalf("%d statuses, want %d", len(got), len(statuses))
	}
	steps := kitchenorder.Steps()
	for _, g := range got {
		var next, previous kitchenorder.Status
		for i, s := range steps {
			if s == g.Status && i+1 < len(steps) {
				next = steps[i+1]
			}
			if s == g.Status && i > 0 {
				previous = steps[i-1]
			}
		}
		if g.Next != next || g.Previous != previous || g.Open != g.Status.Open() {
			t.Errorf("the board's %+v; the server's next is %q, its previous %q, open %v", g, next, previous, g.Status.Open())
		}
		for _, to := range []kitchenorder.Status{g.Next, g.Previous} {
			if to != "" && !kitchenorder.Allowed(g.Status, to, true) {
				t.Errorf("the board moves from %s to %s, which the server does not allow", g.Status, to)
			}
		}
	}
}
