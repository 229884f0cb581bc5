package doctor

import (
	"context"
	"slices"
	"strings"

	"kitchen/cmd/kitchen/database"
)

// checkTriggers compares triggers and functions with what the migrations made, and says how to restore them.
func (x *examination) checkTriggers(ctx context.Context) {
	faults, err := x.pool.CheckTriggers(ctx)
	if err != nil {
		x.failed("triggers", err)
		return
	}
	var amiss []string
	for _, f := range faults {
		if !strings.HasPrefix(f.Means, "kitchen.notify") { // checkServer has said so
			amiss = append(amiss, f.Means)
		}
	}
	if x.current { // with other migrations there are other functions
		others, err := x.pool.OtherFunctions(ctx, database.Functions())
		if err != nil {
			x.failed("triggers", err)
			return
		}
		for _, what := range others {
			if !slices.Contains(amiss, what) {
				amiss = append(amiss, what)
			}
		}
	}
	var mend []string
	for _, what := range amiss { // "orders.kitchen_watch_insert is disabled", "function kitchen.watch_changed_lines is missing"
		name, state, _ := strings.Cut(what, " is ")
		if !strings.HasPrefix(state, "disabled") && !strings.HasPrefix(state, "not enabled") {
			mend = []string{"run kitchen migrate repair, as the owner of the tables: it makes functions and triggers again"}
			break
		}
		dot := strings.LastIndex(name, ".")
		mend = append(mend, "alter table "+name[:dot]+" enable always trigger "+name[dot+1:])
	}
	if len(amiss) > 0 {
		x.add("triggers", wrong, strings.Join(amiss, ", ")+": orders may be refused, and changes show up half a minute late",
			strings.Join(mend, "; "))
		return
	}
	x.add("triggers", Fine, "all are there, and fire in every session", "")
}
