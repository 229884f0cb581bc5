package ws

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config is what a [Server] is made of. Feed, Store and Keys are required; everything else has a default.
type Config struct {
	Feed  Feed
	Store Store
	Keys  *Keys

	// AllowedOrigins are web origins whose pages may connect, besides those of the host that was asked: each is a scheme
	// and a host with an optional port, such as https://board.example.com or https://*.example.com, or "null", or "*".
	AllowedOrigins []string

	Log    *slog.Logger
	Meter  Meter            // nil: nobody counts
	Now    func() time.Time // the clock for tokens and server_time; time.Now
	Limits Limits
	Times  Times
}

// DefaultDisplays is how many displays a node takes unless it is told otherwise.
const DefaultDisplays = 10_000

// Limits bound what displays can make a node hold or do. Zero means the default.
type Limits struct {
	Displays              int     // on this node, handshakes in progress included; beyond it 503. 10,000
	DisplaysPerRestaurant int     // on this node; beyond it 4029. Half of Displays
	DisplaysPerUser       int     // on this node; beyond it 4029. As many as the restaurant's: its displays may share a user
	Joins                 float64 // displays a second on this node, besides as many as there is room for; then 1013. 2,000
	JoinsPerRestaurant    float64 // likewise of a restaurant; then 4029. A quarter of Joins
	Refusals              int     // refused sockets that may wait for their close handshake at one time. 512
	MessageBytes          int     // size of a message from a display; beyond it 1009. 16 KiB
	MessageRate           float64 // messages a second and display, and likewise control frames. 20
	MessageBurst          int     // how many of them may come at once. 100
	Flood                 int     // refused for their rate, without a pause that fills the burst again; then 4029. 200
	QueueMessages         int     // events that wait for one display; beyond it they are replaced by a snapshot. 64
	QueueBytes            int     // bytes of those events, and of answers that wait. 256 KiB
}

// Times are intervals and patience. Zero means the default.
type Times struct {
	Handshake time.Duration // writing the answer to an upgrade. 5 s
	Store     time.Duration // one question to the store. 5 s
	Snapshot  time.Duration // a display's wait for its first initial_queue; then 1013. 15 s
	Heartbeat time.Duration // between two heartbeats of a display. 5 s
	Ping      time.Duration // the longest time between two pings; jitter makes it up to 40 % shorter. 25 s
	Pong      time.Duration // how long after Ping a display that said nothing is given up. 10 s
	Message   time.Duration // for the rest of a message of which something has arrived; then 4008. 10 s
	Write     time.Duration // without one byte written to a display that has something waiting; then 4008. 10 s
	Close     time.Duration // for the close handshake. 2 s
	Recheck   time.Duration // between two looks at whether connected users may still be. 30 s
}

func (c Config) withDefaults() (Config, error) {
	var missing []error
	if c.Feed == nil {
		missing = append(missing, errors.New("ws: a Feed is required"))
	}
	if c.Store == nil {
		missing = append(missing, errors.New("ws: a Store is required"))
	}
	if c.Keys == nil {
		missing = append(missing, errors.New("ws: Keys are required"))
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Meter == nil {
		c.Meter = silent{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}

	l, t := &c.Limits, &c.Times
	missing = append(missing,
		fill("Limits.Displays", &l.Displays, DefaultDisplays),
		fill("Limits.DisplaysPerRestaurant", &l.DisplaysPerRestaurant, max(1, l.Displays/2)),
		fill("Limits.DisplaysPerUser", &l.DisplaysPerUser, l.DisplaysPerRestaurant),
		fill("Limits.Joins", &l.Joins, 2_000),
		fill("Limits.JoinsPerRestaurant", &l.JoinsPerRestaurant, l.Joins/4),
		fill("Limits.Refusals", &l.Refusals, 512),
		fill("Limits.MessageBytes", &l.MessageBytes, 16<<10),
		fill("Limits.MessageRate", &l.MessageRate, 20),
		fill("Limits.MessageBurst", &l.MessageBurst, 100),
		fill("Limits.Flood", &l.Flood, 200),
		fill("Limits.QueueMessages", &l.QueueMessages, 64),
		fill("Limits.QueueBytes", &l.QueueBytes, 256<<10),
		fill("Times.Handshake", &t.Handshake, 5*time.Second),
		fill("Times.Store", &t.Store, 5*time.Second),
		fill("Times.Snapshot", &t.Snapshot, 15*time.Second),
		fill("Times.Heartbeat", &t.Heartbeat, 5*time.Second),
		fill("Times.Ping", &t.Ping, 25*time.Second),
		fill("Times.Pong", &t.Pong, 10*time.Second),
		fill("Times.Write", &t.Write, 10*time.Second),
		fill("Times.Close", &t.Close, 2*time.Second),
		fill("Times.Message", &t.Message, 10*time.Second),
		fill("Times.Recheck", &t.Recheck, 30*time.Second),
	)
	return c, errors.Join(missing...)
}

func fill[T int | float64 | time.Duration](name string, value *T, otherwise T) error {
	if *value < 0 {
		return fmt.Errorf("ws: %s is %v, and may not be negative", name, *value)
	}
	if *value == 0 {
		*value = otherwise
	}
	return nil
}
