package ws

import (
	"slices"
	"sync"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/protocol"
)

// Group holds the displays of one restaurant on this node, and is the [Subscriber] of its [Feed]. The feed calls Deliver in the
// order of the messages, from one goroutine at a time. Deliver never waits for a display.
type Group struct {
	// Static after construction.
	server     *Server
	restaurant order.RestaurantID
	pickup     bool // its displays are pick-up screens, which get numbers and nothing else

	recents recents

	// Guarded by mu.
	mu         sync.Mutex
	members    []*display
	live       bool // of the last message; false before the first
	omitted    int  // of the last message: open orders that the queue leaves out
	deliveries deliveries
	emptied    time.Duration // when a display left last, measured from the start of the server

	// What displays show; guarded by mu.
	stations      order.Stations // of the last message
	shown         order.Screens  // by the members
	shownChanged  bool           // the feed has not been told
	screens       []byte         // the frame of the last screens message
	screensNumber uint64         // counts them; 0: there is none

	// The subscription to the feed; guarded by mu. Only the goroutine that set syncing may call the feed.
	subscription   Subscription // nil while there is none
	syncing        bool
	snapshotWanted bool // a display needs a snapshot, and the feed has not been asked for it
}

// Deliver queues a message for the displays that it concerns. Events go to displays that have their orders, snapshots to those
// that wait for them, replacements to both. If live or omitted changed, every display that has its orders gets a heartbeat at
// once.
func (g *Group) Deliver(m order.Message) {
	g.mu.Lock()
	var idle []*display
	switch m.Kind {
	case order.Snapshot:
		idle = g.push(m.Document, (*display).pushSnapshot)
	case order.Replacement:
		idle = g.push(m.Document, (*display).pushReplacement)
	case order.Event:
		idle = g.push(m.Document, (*display).pushEvent)
		g.deliveries.add(m.Sequence, g.delivery())
	case order.Unavailable:
		idle = g.closeNew()
	case order.ScreensMessage:
		g.screens = protocol.Frame(protocol.Text, m.Document)
		g.screensNumber++
	case order.State:
	}
	g.stations = m.Stations
	if m.Live != g.live || m.Omitted != g.omitted {
		g.live, g.omitted = m.Live, m.Omitted
		beat := heartbeat(g.server.now(), g.live, g.omitted)
		for _, d := range g.members {
			if d.pushHeartbeat(beat) {
				idle = append(idle, d)
			}
		}
	}
	switch m.Kind {
	case order.Snapshot, order.Replacement, order.ScreensMessage:
		idle = append(idle, g.pushScreens()...)
	}
	g.mu.Unlock()
	g.server.flush(idle)
}

// The caller of push, closeNew and delivery holds g.mu. push and closeNew return the displays that were idle.

func (g *Group) push(doc []byte, push func(*display, []byte) (idle bool)) []*display {
	message := protocol.Frame(protocol.Text, doc)
	idle := make([]*display, 0, len(g.members))
	for _, d := range g.members {
		if push(d, message) {
			idle = append(idle, d)
		}
	}
	return idle
}

// closeNew closes the displays that wait for their first snapshot; they reconnect later. Displays that missed events keep
// waiting: pushDue asks for a snapshot again.
func (g *Group) closeNew() (idle []*display) {
	for _, d := range g.members {
		if d.queueCloseIfJoining(closing.Unavailable()) {
			idle = append(idle, d)
		}
	}
	return idle
}

// delivery counts which displays an event has just been queued for.
func (g *Group) delivery() (to Delivery) {
	var named [displaysNamed]uint64
	for _, d := range g.members {
		d.mu.Lock()
		switch {
		case d.closing:
		case d.progress == current:
			if to.Reached < len(named) {
				named[to.Reached] = d.id
			}
			to.Reached++
		case d.progress != joining:
			to.Behind++
		}
		d.mu.Unlock()
	}
	to.Displays = slices.Clone(named[:min(to.Reached, len(named))])
	return to
}

// add makes a display a member. It reports false if the restaurant has as many displays as it may have.
func (g *Group) add(d *display) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.members) >= g.server.limits.DisplaysPerRestaurant {
		return false
	}
	d.group, d.index = g, len(g.members)
	g.members = append(g.members, d)
	g.snapshotWanted = true
	g.shown.Add(d.shows, 1)
	g.shownChanged = true
	return true
}

func (g *Group) remove(d *display) {
	g.mu.Lock()
	defer g.mu.Unlock()
	last := g.members[len(g.members)-1]
	g.members[d.index], last.index = last, d.index
	g.members[len(g.members)-1] = nil
	g.members = g.members[:len(g.members)-1]
	g.emptied = g.server.elapsed()
	g.shown.Add(d.shows, -1)
	g.shownChanged = true
}

// refresh asks the feed for a snapshot, for displays that missed events.
func (g *Group) refresh() {
	g.mu.Lock()
	g.snapshotWanted = true
	g.mu.Unlock()
	g.syncSubscription()
}
