package listen

// Handler takes what concerns one channel. Its methods run on the goroutine that reads the connection, and Deaf on others, too:
// they must return at once. A listener that does not read holds up every writer of the cluster in the end.
type Handler interface {
	// Listening says that the channel is listened to: from now on everything is announced, and all before has to be read. since
	// is nil where changes are not announced.
	Listening(since *Generation)
	// Notified takes a notification, which anybody may have sent.
	Notified(payload string)
	// Deaf says that the generation has ended.
	Deaf()
}

// Listen makes a channel listened to. A handler takes the place of the one before.
func (l *Listener) Listen(channel string, h Handler) {
	l.mu.Lock()
	l.wanted[channel] = h
	l.changed[channel] = true
	l.mu.Unlock()
	l.nudge()
}

// Unlisten ends what Listen began, unless the channel has another handler meanwhile.
func (l *Listener) Unlisten(channel string, h Handler) {
	l.mu.Lock()
	if l.wanted[channel] == h {
		delete(l.wanted, channel)
		l.changed[channel] = true
	}
	l.mu.Unlock()
	l.nudge()
}

// listenToAllAgain has every wanted channel listened to on a new connection. It reports whether there was a connection before.
func (l *Listener) listenToAllAgain() (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for channel := range l.wanted {
		l.changed[channel] = true
	}
	again, l.begun = l.begun, true
	return again
}

// takeChanges returns the channels to listen to, with their handlers, and those of listening to listen to no more.
func (l *Listener) takeChanges(listening map[string]bool) (listen []string, handlers []Handler, unlisten []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for channel := range l.changed {
		if h := l.wanted[channel]; h != nil {
			listen, handlers = append(listen, channel), append(handlers, h)
		} else if listening[channel] {
			unlisten = append(unlisten, channel)
		}
	}
	clear(l.changed)
	return listen, handlers, unlisten
}

// handler is that of a channel, or nil where nobody wants it any more.
func (l *Listener) handler(channel string) Handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted[channel]
}

// nudge has a canary sent at once, on whose arrival the channels that changed are listened to.
func (l *Listener) nudge() {
	select {
	case l.nudges <- struct{}{}:
	default:
	}
}
