package listen

import "sync/atomic"

// Generation is a time without a break in which changes are announced and their notifications arrive. A handler that has read what its
// channel is about since the generation began, after LISTEN, misses nothing until it ends.
type Generation struct{ ended atomic.Bool }

// GoesOn reports whether there is such a time and it has not ended.
func (g *Generation) GoesOn() bool { return g != nil && !g.ended.Load() }

// Generation is the present one, or nil.
func (l *Listener) Generation() *Generation { return l.current.Load() }

// beginGeneration begins one, unless there is one or changes are not announced.
func (l *Listener) beginGeneration() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current.Load() == nil && len(l.blocked) == 0 {
		l.current.Store(&Generation{})
	}
}

// endGeneration calls Deaf of every handler: notifications do not arrive any more.
func (l *Listener) endGeneration() {
	ended := l.current.Swap(nil)
	if ended == nil {
		return
	}
	ended.ended.Store(true)
	l.mu.Lock()
	handlers := make([]Handler, 0, len(l.wanted))
	for _, h := range l.wanted {
		handlers = append(handlers, h)
	}
	l.mu.Unlock()
	for _, h := range handlers {
		h.Deaf()
	}
}
