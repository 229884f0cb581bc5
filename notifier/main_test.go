package notifier_test

import (
	"flag"
	"testing"

	"kitchen/db/dbtest"
)

// Flags of this package's tests, for `make faults` and its like. Without them, what fits into `make test` is run.
const (
	faultsFlag  = "faults"  // all rows of the fault matrix, as long as it says, with the settings of production
	resultsFlag = "results" // a file for the table of results
	newerFlag   = "newer"   // the server binaries of PostgreSQL 17 or later, for the row that needs them

	historiesFlag = "histories"
)

func TestMain(m *testing.M) {
	flag.Bool(faultsFlag, false, "all rows of the fault matrix, at full length")
	flag.String(resultsFlag, "", "append the table of results to this `file`")
	flag.String(newerFlag, "", "server binaries of PostgreSQL 17 or later are in this `folder`")
	flag.Int(historiesFlag, 40, "how many random histories are run")
	// Faults are mostly waited for: more of them at once than there are processors.
	_ = flag.Set("test.parallel", "4")
	dbtest.Main(m)
}

func flagged(name string) string { return flag.Lookup(name).Value.String() }
