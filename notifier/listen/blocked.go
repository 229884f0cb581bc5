package listen

// SetBlocked records that there is a reason why changes are not announced although notifications would arrive, or that it is gone.
// While there is one, there is no generation. When the last is gone, Listening of every handler is called again,
// because changes in the meantime were not announced.
func (l *Listener) SetBlocked(why string, blocked bool) {
	l.mu.Lock()
	if l.blocked[why] == blocked {
		l.mu.Unlock()
		return
	}
	if blocked {
		l.blocked[why] = true
	} else {
		delete(l.blocked, why)
	}
	for channel := range l.wanted {
		l.changed[channel] = true
	}
	l.mu.Unlock()
	if blocked {
		l.endGeneration()
	}
	l.nudge()
}

// Blocked reports whether a reason was set.
func (l *Listener) Blocked(why string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocked[why]
}
