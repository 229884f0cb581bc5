package main

import (
	"flag"
	"testing"
)

// Flags of this package's tests, as those of notifier: without them, what fits into `make test` is run.
const (
	faultsFlag  = "faults"
	resultsFlag = "results"
	soakFlag    = "soak"
	seedFlag    = "seed"
	attackFlag  = "attack"
)

func defineFaultFlags() {
	flag.Bool(faultsFlag, false, "all rows of the fault matrix, at full length")
	flag.String(resultsFlag, "", "append the table of results to this `file`")
	flag.Duration(soakFlag, 0, "soak the program for this long")
	flag.Duration(attackFlag, 0, "attack the program for this long, in earnest")
	flag.Uint64(seedFlag, 0, "of the soak's faults; 0: a random one, which is logged")
}

func flagged(name string) string { return flag.Lookup(name).Value.String() }

// beside lets a test that mostly waits run beside others. With -faults or -attack it has the machine for itself.
func beside(t *testing.T) {
	t.Helper()
	if flagged(faultsFlag) != "true" && attackTime() == 0 {
		t.Parallel()
	}
}
