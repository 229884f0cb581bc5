package node

import "testing"

// Memory is given back once after displays have come or gone, and not while they do: neither for a few that come and go
// all day.
func TestDisplaysAreSteadyWhenTheirNumberIsAboutTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b int
		want bool
	}{
		{0, 0, true}, {0, 49, true}, {0, 50, false}, {5000, 0, false}, {5000, 4800, true}, {4800, 5000, true}, {5000, 4000, false},
	} {
		if got := about(c.a, c.b); got != c.want {
			t.Errorf("about(%d, %d) is %v", c.a, c.b, got)
		}
	}
}
