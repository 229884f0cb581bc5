package notifier

// blocker is a reason why changes are not announced although the listener would receive notifications.
type blocker int

const (
	missingTriggers blocker = iota
	fullQueue
	blockers
)

// setBlocked records that a blocker has come or gone. While there is one, no kitchen is live. When it is gone, every kitchen
// reads its queue again, because changes in the meantime were not announced.
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
