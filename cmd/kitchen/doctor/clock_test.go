package doctor

import (
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// The clocks of two machines are compared over the network.
func TestDoctorMeasuresTheDifferenceOfClocks(t *testing.T) {
	x := &examination{now: func() time.Time { return time.Now().Add(-time.Minute) }}
	if !x.connect(t.Context(), dbtest.ServeRole(t, dbtest.New(t))) {
		t.Fatalf("the doctor could not connect: %+v", x.findings)
	}
	defer x.pool.Close()
	x.checkServer(t.Context())
	x.findings = nil
	x.checkClock()
	if f := x.findings[0]; f.Mark != warning || !strings.Contains(f.Means, "1m0s ahead of") && !strings.Contains(f.Means, "59.9s ahead of") {
		t.Errorf("a minute apart: %+v", f)
	}
}
