package ws

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
