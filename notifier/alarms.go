package notifier

import (
	"context"
	"slices"
	"sync"
	"time"

	"kitchen/db/order"
	"kitchen/notifier/listen"
	"kitchen/notifier/pause"
)

// alarms keeps which alarms are on about orders that nobody has seen. As with orders, a notification is a hint and the database is
// the truth: at each, and every so often, they are read, and what differs is sent to the displays of the restaurant.
type alarms struct {
	wake chan struct{} // holds one token while they have to be read

	mu sync.Mutex
	on map[order.RestaurantID][]alarm
}

type alarm struct {
	order.Alarm
	since time.Time // since when this node has known of it
}

func newAlarms() *alarms {
	return &alarms{wake: make(chan struct{}, 1), on: make(map[order.RestaurantID][]alarm)}
}

// Listening, Notified and Deaf are for the channel of alarms.

func (a *alarms) Listening(*listen.Generation) { a.nudge() }
func (a *alarms) Notified(string)              { a.nudge() }
func (a *alarms) Deaf()                        {}

func (a *alarms) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// of returns the alarms of a restaurant.
func (a *alarms) of(id order.RestaurantID) []alarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.on[id]
}

// followAlarms reads the alarms at each hint, and every so often for those that were announced while the server's notification
// queue was full.
func (n *Notifier) followAlarms(ctx context.Context) {
	every := time.NewTicker(n.cfg.CheckEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.alarms.wake:
		case <-every.C:
		}
		readCtx, cancel := deadline(ctx)
		read, err := n.cfg.DB.Alarms(readCtx)
		cancel()
		if err != nil { // the reader says that the database is away
			n.alarms.nudge()
			if !pause.Sleep(ctx, pause.Last) {
				return
			}
			continue
		}
		for _, id := range n.alarms.set(read) {
			n.mu.Lock()
			k := n.kitchens[id]
			n.mu.Unlock()
			if k != nil {
				k.updateAlarms()
			}
		}
	}
}

// set takes what was read, and returns the restaurants for which it differs from before.
func (a *alarms) set(read []order.Alarm) (changed []order.RestaurantID) {
	now := time.Now()
	on := make(map[order.RestaurantID][]alarm, len(read))
	for _, is := range read {
		on[is.Restaurant] = append(on[is.Restaurant], alarm{is, now})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for id := range a.on {
		if on[id] == nil {
			changed = append(changed, id)
		}
	}
	for id, is := range on {
		for i := range is {
			if was := find(a.on[id], is[i]); was != nil {
				is[i].Age, is[i].since = was.Age, was.since
			}
		}
		if len(is) != len(a.on[id]) || slices.ContainsFunc(is, func(x alarm) bool { return find(a.on[id], x) == nil }) {
			changed = append(changed, id)
		}
	}
	a.on = on
	return changed
}

// find returns the same alarm: one of the same reason that began with the same order.
func find(all []alarm, one alarm) *alarm {
	for i, other := range all {
		if other.Reason == one.Reason && other.OldestOrder == one.OldestOrder {
			return &all[i]
		}
	}
	return nil
}

// Alarms counts the alarms that are on, by reason, in all restaurants.
func (n *Notifier) Alarms() map[string]int {
	n.alarms.mu.Lock()
	defer n.alarms.mu.Unlock()
	count := make(map[string]int)
	for _, on := range n.alarms.on {
		for _, a := range on {
			count[a.Reason]++
		}
	}
	return count
}

// updateAlarms sends which alarms of the restaurant have ended and begun since the last time.
func (k *kitchen) updateAlarms() {
	k.seq.Lock()
	defer k.seq.Unlock()
	on := k.notifier.alarms.of(k.id)
	for _, was := range k.alarms {
		if find(on, was) == nil {
			was.Type = order.AlarmOver
			k.sendAlarm(was)
		}
	}
	for _, is := range on {
		if find(k.alarms, is) == nil {
			k.sendAlarm(is)
		}
	}
	k.alarms = on
}

// sendAlarm and alarmsOn are called with seq held.

func (k *kitchen) sendAlarm(a alarm) {
	m := k.message(order.Event, encode(messageOf(a)))
	m.Sequence = k.notifier.events.Add(1)
	k.deliver(m)
}

// alarmsOn is what a whole queue says of alarms.
func (k *kitchen) alarmsOn() []alarmMessage {
	on := make([]alarmMessage, len(k.alarms))
	for i, a := range k.alarms {
		on[i] = messageOf(a)
	}
	return on
}
