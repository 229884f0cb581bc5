package notifier_test

import (
	"testing"

	"kitchen/db/dbtest/faulttest"
)

// TestFaultMatrix injects faults while writers write and displays look on, and then asks the same questions each time:
// does every display show the database's queue, in the row's time; did none see an order go back, a text of another tenant,
// what was never committed; was none live while it missed a change; is nothing left behind.
//
// Without the flag -faults it is quick: short faults, short periods, no row that takes long by its nature.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	full := flagged(faultsFlag) == "true"
	table := faulttest.NewTable(flagged(resultsFlag))
	var rows []row
	rows = append(rows, listenerRows()...)
	rows = append(rows, networkRows()...)
	rows = append(rows, serverRows()...)
	rows = append(rows, triggerRows()...)
	rows = append(rows, readRows()...)
	rows = append(rows, poolerRows()...)
	rows = append(rows, diskRows()...)
	for _, r := range rows {
		if r.onDemand && !full || r.newer && flagged(newerFlag) == "" {
			continue
		}
		t.Run(r.fault+"_"+r.name, func(t *testing.T) {
			t.Parallel()
			r.run(t, full, table)
		})
	}
}
