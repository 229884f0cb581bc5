package notifier

import (
	"crypto/rand"
	"log/slog"
	"os"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

// Config is what a [Notifier] needs. Zero durations mean the defaults.
type Config struct {
	DB *db.DB
	// ListenURL is a direct address of the primary, not through a pooler, for the connection that listens.
	ListenURL string
	Log       *slog.Logger
	// Users is called with the users who may have changed, or with nil where all may have, as after each time without
	// notifications. It is called on the goroutine that listens, so it must not wait. Anybody who can forge notifications can cause many
	// calls. Optional.
	Users func(changed []order.UserID)
	// Devices is the same for a device that may have been revoked. Optional.
	Devices func(changed order.DeviceID)
	Meter   Meter // optional
	// Node is this process's name among all nodes of the database, in the table of screens; one is made where it is empty.
	Node string

	UnwatchAfter time.Duration // how long a restaurant without displays is still watched; 30 s
	CheckEvery   time.Duration // how often queues are compared with the database, or up to 30 % sooner; 30 s
	CanaryEvery  time.Duration // how often a canary is sent; 1 s
	DeafAfter    time.Duration // how long a committed canary may take to arrive; 2 s
	ScreensEvery time.Duration // how often this node writes what its displays show, or up to 30 % sooner; 5 s
	ScreensKept  time.Duration // how long the displays of a node count that has written nothing since; 12 s
	GaugeEvery   time.Duration // how often the server's notification queue is measured, and moved on; 10 s
}

func (c *Config) setDefaults() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.UnwatchAfter, 30 * time.Second},
		{&c.CheckEvery, 30 * time.Second},
		{&c.CanaryEvery, time.Second},
		{&c.DeafAfter, 2 * time.Second},
		{&c.ScreensEvery, 5 * time.Second},
		{&c.ScreensKept, 12 * time.Second},
		{&c.GaugeEvery, 10 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Node == "" {
		host, _ := os.Hostname() // for people who read the table; the rest makes it unique
		c.Node = host + "/" + rand.Text()[:8]
	}
	if c.Meter == nil {
		c.Meter = noMeter{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}
