package ws

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kitchen/db/order"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
)

// Config holds all that a [Server] needs. Feed, Store and Keys are required; everything else has a default.
type Config struct {
	Feed  Feed
	Store Store
	Keys  *credential.Keys
	IDs   func() order.Keys // the types of ids, which change where another mapping is attached: uuids where nothing is said

	// AllowedOrigins are web origins whose pages may connect, besides those of the host that was asked: each is a scheme
	// and a host with an optional port, such as https://board.example.com or https://*.example.com, or "null", or "*".
	AllowedOrigins []string

	Log    *slog.Logger
	Meter  Meter            // nil: nothing is counted
	Now    func() time.Time // the clock for tokens and server_time; time.Now
	Limits Limits
	Times  Times
}

// DefaultDisplays is the default of Limits.Displays.
const DefaultDisplays = 10_000

// DefaultDeviceTokenIdle is the default of Times.DeviceTokenIdle.
const DefaultDeviceTokenIdle = 90 * 24 * time.Hour

// Limits bound what displays can make a node hold or do. Zero means the default. Each line says what is counted; what happens
// beyond the limit; and the default.
type Limits struct {
	Displays              int     // displays on this node, handshakes in progress included; 503; 10,000
	DisplaysPerRestaurant int     // displays of one restaurant on this node; 4029; half of Displays
	DisplaysPerUser       int     // displays of one user on this node; 4029; as many as the restaurant's
	Joins                 float64 // joins a second on this node, besides as many at once as there is room for; 1013; 2,000
	JoinsPerRestaurant    float64 // the same of one restaurant; 4029; a quarter of Joins
	Refusals              int     // refused sockets in their close handshake at one time; cut; 512
	MessageBytes          int     // bytes of a message from a display; 1009; 16 KiB
	MessageRate           float64 // messages a second of a display, and as many control frames; rate_limited; 20
	MessageBurst          int     // messages of a display at once; rate_limited; 100
	Flood                 int     // messages refused without a pause that fills the burst again; 4029; 200
	QueueMessages         int     // events that wait for one display; a snapshot replaces them; 64
	QueueBytes            int     // bytes of those events, and of answers that wait; a snapshot, or 4008; 256 KiB
}

// Times are intervals and timeouts. Zero means the default. Each line says what is timed; what happens then; and the default.
type Times struct {
	Handshake       time.Duration // writing the answer to an upgrade; cut; 5 s
	Store           time.Duration // one question to the store; unavailable; 5 s
	Snapshot        time.Duration // a display's wait for its first initial_queue; 1013; 15 s
	Heartbeat       time.Duration // the interval of a display's heartbeats; the next one; 5 s
	Ping            time.Duration // the longest interval of pings, which jitter makes up to 40 % shorter; the next one; 25 s
	Pong            time.Duration // a display's silence, beyond Ping; 4008; 10 s
	Message         time.Duration // the rest of a message of which something has arrived; 4008; 10 s
	Write           time.Duration // not one byte taken of what waits; 4008; 10 s
	Close           time.Duration // the close handshake; cut; 2 s
	Seen            time.Duration // how often it is written down that a device is in use; the next time; 1 min
	DeviceTokenIdle time.Duration // how long an unused device token is good; 4001; 90 days
	Recheck         time.Duration // the interval in which connected users are looked up again; the next look; 30 s
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
		c.Meter = noMeter{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.IDs == nil {
		c.IDs = func() order.Keys { return order.Keys{} }
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
		fill("Times.Seen", &t.Seen, time.Minute),
		fill("Times.DeviceTokenIdle", &t.DeviceTokenIdle, DefaultDeviceTokenIdle),
		fill("Times.Recheck", &t.Recheck, 30*time.Second),
	)
	return c, errors.Join(missing...)
}

// The burst of joins is the highest number of displays and one second's rate, because after a restart all displays come at once.

func (l Limits) joinsOfRestaurant() limit.Rate {
	return limit.Rate{PerSecond: l.JoinsPerRestaurant, Burst: l.DisplaysPerRestaurant + int(l.JoinsPerRestaurant)}
}

func (l Limits) joinsOfNode() limit.Rate {
	return limit.Rate{PerSecond: l.Joins, Burst: l.Displays + int(l.Joins)}
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
