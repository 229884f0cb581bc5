package notifier

// blocker is why changes are not announced, though a notification would be heard.
type blocker int

const (
	missingTriggers blocker = iota
	fullQueue
	blockers
)

// setBlocked notes whether changes are announced. While they are not, nobody is live, and when they are again, everything is
// read once more, because of what happened in silence.
func (l *listener) setBlocked(why blocker, blocked bool) {
	l.mu.Lock()
	if l.blocked[why] == blocked {
		l.mu.Unlock()
		return
	}
	l.blocked[why] = blocked
	for channel := range l.wanted {
		l.changed[channel] = true // and its queue is read, in a new generation
	}
	l.mu.Unlock()
	if blocked {
		l.endGeneration()
	}
	l.nudge()
}

func (l *listener) isBlocked(why blocker) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocked[why]
}
