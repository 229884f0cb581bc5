package order

// Message is one message of a restaurant's feed: a document for its displays, and what their node has to know. It is plain data, so
// that the feed and the displays may be on different machines. The messages of a restaurant come in order.
type Message struct {
	Kind     MessageKind
	Document []byte   // a complete JSON text, shared and never to be modified; none in a State and an Unavailable
	Sequence uint64   // of an Event: by it, both sides name the event in what they remember of it; it rises
	Live     bool     // whether the feed is live from this message on
	Omitted  int      // how many open orders the queue leaves out from this message on, because there are too many
	Stations Stations // the restaurant's from this message on; none before its queue was read
}

// MessageKind says for which displays a [Message] is.
type MessageKind uint8

// The kinds of messages.
const (
	State          MessageKind = iota // Live or Omitted changed; the first message of a subscription is one
	Snapshot                          // an initial_queue for the displays that wait for one
	Replacement                       // an initial_queue for every display, in the place of what it has
	Event                             // a change, for the displays that have their queue
	ScreensMessage                    // how many displays show what, for every display; those that come later get the last one
	Unavailable                       // no snapshot can be had now; it comes as soon as the database can be read
)
