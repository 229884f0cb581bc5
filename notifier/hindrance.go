package notifier

// hindrance is why changes are not announced, though a notification would be heard.
type hindrance int

const (
	byTriggers hindrance = iota
	byFullQueue
	hindrances
)

// hinder notes whether changes are announced. While they are not, nobody is live, and when they are again, everything is
// read once more, because of what happened in silence.
func (l *listener) hinder(why hindrance, hindered bool) {
	l.mu.Lock()
	if l.hinders[why] == hindered {
		l.mu.Unlock()
		return
	}
	l.hinders[why] = hindered
	for channel := range l.wanted {
		l.changed[channel] = true // and its queue is read, in a new generation
	}
	l.mu.Unlock()
	if hindered {
		l.endGeneration()
	}
	l.nudge()
}

func (l *listener) hindered(why hindrance) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hinders[why]
}
