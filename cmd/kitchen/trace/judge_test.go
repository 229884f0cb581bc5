package trace

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

// A node forgets old changes: a list that does not begin with the order says so, and a whole one does not.
func TestTraceSaysThatOlderChangesAreForgotten(t *testing.T) {
	for event, want := range map[string]bool{"order_status_changed": true, "order_deleted": true, "order_created": false} {
		var out strings.Builder
		(&Trail{Changes: []Change{{Event: event}}}).Print(&out)
		if got := strings.Contains(out.String(), "not remembered"); got != want {
			t.Errorf("%s: says that older changes are forgotten: %v, want %v\n%s", event, got, want, out.String())
		}
	}
}

// Each reason why the kitchen did not get an order has its sentence.
func TestTraceJudges(t *testing.T) {
	ready := &InDatabase{Version: 3, Status: order.Ready}
	for name, c := range map[string]struct {
		trail   Trail
		want    string
		arrived bool
	}{
		"database away":         {Trail{Trouble: "no answer"}, "not known: no answer", false},
		"never there":           {Trail{}, "no such order", false},
		"deleted, sent":         {Trail{Changes: []Change{{Event: "order_deleted", Reached: 2}}}, "was deleted, and that was sent to 2 displays", true},
		"deleted, late":         {Trail{Changes: []Change{{Event: "order_created", Reached: 2}}}, "not been sent yet", false},
		"deleted after it left": {Trail{Changes: []Change{{Event: "order_status_changed", Status: "completed", Reached: 2}}}, "was completed, which was sent to 2 displays, and deleted later", true},
		"edited after it left": {Trail{Database: &InDatabase{Version: 4, Status: "completed"}, Watched: true, Live: true,
			Changes: []Change{{Event: "order_status_changed", Status: "completed", Version: 3, Reached: 1}}}, "changed later is not sent", true},
		"recalled, late": {Trail{Database: ready, Watched: true, Live: true, Changes: []Change{{Status: "completed", Version: 2}}}, "was not sent yet", false},
		"omitted":        {Trail{Database: ready, Watched: true, Live: true, Omitted: 120}, "is not on the displays: of the restaurant's open orders they show the 500 newest, and it is one of 120 older ones", false},
		"omitted since":  {Trail{Database: ready, Watched: true, Omitted: 1, Changes: []Change{{Version: 3, Reached: 1}}}, "one of 1 older", false},
		"elsewhere":      {Trail{Database: ready}, "ask the others", false},
		"deaf":           {Trail{Database: ready, Watched: true, Changes: []Change{{Version: 2}}}, "not live", false},
		"late":           {Trail{Database: ready, Watched: true, Live: true, Changes: []Change{{Version: 2}}}, "version 3 was not sent yet, version 2 was", false},
		"nobody there":   {Trail{Database: ready, Watched: true, Changes: []Change{{Version: 3}}}, "while no display was connected", true},
		"behind":         {Trail{Database: ready, Watched: true, Changes: []Change{{Version: 3, Behind: 1}}}, "1 display of the restaurant fell behind", false},
		"arrived":        {Trail{Database: ready, Watched: true, Changes: []Change{{Version: 3, Reached: 1}}}, "sent to 1 display", true},
	} {
		if verdict, arrived := c.trail.Judge(); !strings.Contains(verdict, c.want) || arrived != c.arrived {
			t.Errorf("%s: %q, %v", name, verdict, arrived)
		}
	}
}
