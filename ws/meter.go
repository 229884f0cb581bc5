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
	return []string{event: "event", snapshot: "initial_queue", answer: "answer", heartbeatMessage: "heartbeat", screensMessage: "screens", ping: "ping", pong: "pong", closeMessage: "close"}
}

// noMeter is the [Meter] of a server that was given none.
type noMeter struct{}

func (noMeter) Joined()        {}
func (noMeter) Refused(int)    {}
func (noMeter) Left(int)       {}
func (noMeter) Sent(int, int)  {}
func (noMeter) FellBehind(int) {}
