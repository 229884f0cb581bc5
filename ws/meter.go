package ws

// Meter is told what a [Server] does, for whoever counts it. Its methods are called where messages pass, from many
// goroutines and under locks: they must return at once.
type Meter interface {
	Joined()
	// Refused is told of every display that got no place, with the HTTP status or the close code that it was refused with.
	Refused(code int)
	// Left is told of every display that had joined and is gone, with the close code, 0 where it left by itself.
	Left(code int)
	// Sent is told of every message that a socket has taken whole. kind is an index of [MessageKinds]; bytes are those of
	// the frame.
	Sent(kind, bytes int)
	// FellBehind is told of every display whose queue was full, and how many events it then does not get.
	FellBehind(events int)
}

// MessageKinds are the kinds of messages that displays are sent.
func MessageKinds() []string {
	return []string{event: "event", snapshot: "initial_queue", answer: "answer", beat: "heartbeat", ping: "ping", pong: "pong", last: "close"}
}

// silent counts nothing.
type silent struct{}

func (silent) Joined()        {}
func (silent) Refused(int)    {}
func (silent) Left(int)       {}
func (silent) Sent(int, int)  {}
func (silent) FellBehind(int) {}

// Waiting is what waits to be written to displays.
type Waiting struct {
	Messages int // to all displays
	Bytes    int // of events and answers
	Longest  int // messages to one display
	Behind   int // displays that miss events and have yet to get a fresh queue
}

// Waiting adds up what waits now. It looks at every display, so it is for every few seconds and not for every message.
func (s *Server) Waiting() (w Waiting) {
	s.mu.Lock()
	displays := s.wheel.all(nil)
	s.mu.Unlock()
	for _, d := range displays {
		d.mu.Lock()
		w.Messages += len(d.waiting)
		w.Longest = max(w.Longest, len(d.waiting))
		w.Bytes += d.eventBytes + d.answerBytes
		if d.progress == behind || d.progress == lost {
			w.Behind++
		}
		d.mu.Unlock()
	}
	return w
}

// Connected reports which of some displays, by their numbers, are connected now, and of those, which have yet to be
// written something.
func (s *Server) Connected(numbers []uint64) (connected, unread map[uint64]bool) {
	connected, unread = map[uint64]bool{}, map[uint64]bool{}
	s.mu.Lock()
	displays := s.wheel.all(nil)
	s.mu.Unlock()
	for _, d := range displays {
		for _, n := range numbers {
			if d.id != n {
				continue
			}
			connected[n] = true
			d.mu.Lock()
			unread[n] = d.writing
			d.mu.Unlock()
		}
	}
	return connected, unread
}
