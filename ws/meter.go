package ws

// Meter counts what a [Server] does. The server calls it from many goroutines, with locks held, for every message: its methods
// must be safe for concurrent use and must not block.
type Meter interface {
	// Joined counts a display that was accepted.
	Joined()
	// Refused counts a display that was not accepted, by the HTTP status or the close code that it got.
	Refused(code int)
	// Left counts a display that had joined and is gone, by the close code that it was sent; 0 if it left by itself.
	Left(code int)
	// Sent counts a message that was written to a socket completely. kind is an index of [MessageKinds]; bytes is the size of
	// the frame.
	Sent(kind, bytes int)
	// FellBehind counts a display whose queue was full, and how many events were dropped for it.
	FellBehind(events int)
}

// MessageKinds returns the names of the kinds of messages that are sent to displays.
func MessageKinds() []string {
	return []string{event: "event", snapshot: "initial_queue", answer: "answer", heartbeatMessage: "heartbeat", ping: "ping", pong: "pong", closeMessage: "close"}
}

// noMeter is the [Meter] of a server that was given none.
type noMeter struct{}

func (noMeter) Joined()        {}
func (noMeter) Refused(int)    {}
func (noMeter) Left(int)       {}
func (noMeter) Sent(int, int)  {}
func (noMeter) FellBehind(int) {}

// Waiting describes the messages that are queued for displays and not written yet.
type Waiting struct {
	Messages int // of all displays together
	Bytes    int // of their events and answers; heartbeats and snapshots are not counted
	Longest  int // messages in the longest queue of one display
	Behind   int // displays that missed events and wait for a new snapshot
}

// Waiting adds up the queues of all displays. It locks each of them in turn, so call it every few seconds at most.
func (s *Server) Waiting() (w Waiting) {
	s.mu.Lock()
	displays := s.wheel.all(nil)
	s.mu.Unlock()
	for _, d := range displays {
		d.mu.Lock()
		w.Messages += len(d.waiting)
		w.Longest = max(w.Longest, len(d.waiting))
		w.Bytes += d.eventBytes + d.answerBytes
		if d.progress == behind || d.progress == stale {
			w.Behind++
		}
		d.mu.Unlock()
	}
	return w
}

// Connected reports which of the displays with these numbers are connected now, and which of them have messages that are
// not written yet.
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
