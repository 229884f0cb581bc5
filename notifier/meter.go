package notifier

import (
	"time"

	"kitchen/notifier/listen"
)

// Meter counts what a [Notifier] does. Its methods are called where events pass, from many goroutines and under locks: they
// must return at once.
type Meter interface {
	listen.Meter // how the connection does that listens
	// Notified counts a notification of a watched restaurant.
	Notified()
	// Read counts a read of changed orders or of whole queues: how many it asked for, and how long it took.
	Read(kind ReadKind, asked int, took time.Duration, err error)
	// EventSent counts an event that was handed to subscribers.
	EventSent(SentEvent)
	// Repaired counts a queue in which the periodic check found a change that nobody had announced.
	Repaired()
	// QueueUsage is how full the server's notification queue is, from 0 to 1.
	QueueUsage(usage float64)
}

// ReadKind is what a read asks for.
type ReadKind string

// The kinds of reads.
const (
	ReadOrders ReadKind = "orders"
	ReadQueues ReadKind = "queues"
)

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Notified()                                {}
func (noMeter) Read(ReadKind, int, time.Duration, error) {}
func (noMeter) EventSent(SentEvent)                      {}
func (noMeter) Canary(time.Duration)                     {}
func (noMeter) Listening()                               {}
func (noMeter) Repaired()                                {}
func (noMeter) QueueUsage(float64)                       {}
