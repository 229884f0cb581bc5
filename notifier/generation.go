package notifier

import "sync/atomic"

// generation is a time without a break in which changes are announced and their notifications arrive. What was read since it
// began, after LISTEN, misses nothing until it ends.
type generation struct{ ended atomic.Bool }

// goesOn reports whether there is such a time and it has not ended.
func (g *generation) goesOn() bool { return g != nil && !g.ended.Load() }
