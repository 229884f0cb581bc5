package notifier

import "time"

// listenTimeout is how long a display waits for LISTEN before it gets a queue that says live:false. LISTEN is issued when a
// canary arrives, which waits while writes are blocked.
const listenTimeout = 500 * time.Millisecond

// want makes a kitchen's channel listened to; its queue is read then. A display that joins while nothing can be listened
// to is not left waiting: it gets the queue as it can be read, which says that it is not live.
func (l *listener) want(k *kitchen) {
	l.mu.Lock()
	l.wanted[k.id.Channel()] = k
	l.changed[k.id.Channel()] = true
	l.mu.Unlock()
	l.nudge()
	if l.generation() == nil {
		l.notifier.reader.markQueue(k)
		return
	}
	l.notifier.startListenTimeout(k)
}

func (l *listener) unwant(k *kitchen) {
	l.mu.Lock()
	if l.wanted[k.id.Channel()] == k {
		delete(l.wanted, k.id.Channel())
		l.changed[k.id.Channel()] = true
	}
	l.mu.Unlock()
	l.nudge()
}

// wantAllAnew makes every wanted channel one that is to be listened to, for a new connection.
func (l *listener) wantAllAnew() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for channel := range l.wanted {
		l.changed[channel] = true
	}
	again, l.begun = l.begun, true
	return again
}

// takeChanges returns the channels that are to be listened to, with their kitchens, and those that are to be no more.
func (l *listener) takeChanges(listening map[string]bool) (listen []string, kitchens []*kitchen, unlisten []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for channel := range l.changed {
		if k := l.wanted[channel]; k != nil {
			listen, kitchens = append(listen, channel), append(kitchens, k)
		} else if listening[channel] {
			unlisten = append(unlisten, channel)
		}
	}
	clear(l.changed)
	return listen, kitchens, unlisten
}

// kitchenOf is the kitchen whose channel has this name, or nil where nobody watches it any more.
func (l *listener) kitchenOf(channel string) *kitchen {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted[channel]
}

// nudge has a canary sent at once, on whose arrival the channels that changed are listened to.
func (l *listener) nudge() {
	select {
	case l.nudges <- struct{}{}:
	default:
	}
}
