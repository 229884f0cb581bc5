package ws

import (
	"slices"
	"sync"
	"time"

	"kitchen/db/order"
)

// Group is the displays of one restaurant on this node: the subscriber of a [Feed]. Messages come in order, by one
// goroutine at a time, and none of them waits for a display.
type Group struct {
	// Static after construction.
	server     *Server
	restaurant order.RestaurantID

	recents recents

	// Guarded by mu.
	mu         sync.Mutex
	members    []*display
	live       bool // as the feed said last; deaf until it says otherwise
	omitted    int
	deliveries deliveries
	emptied    time.Duration // when the last display left, since the server started

	// How the group stands with the feed; guarded by mu. The goroutine that set syncing is the only one to call the feed.
	subscription   Subscription // nil while there is none
	syncing        bool
	snapshotWanted bool // a display waits for a snapshot that the feed has not been asked for
}

// Deliver gives a message to the displays that it is for. A display that has its queue gets events and replacements, one
// that waits for a queue gets a snapshot or a replacement. A change of live or omitted goes to every display that has its
// queue at once, and is in every later heartbeat.
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
	case order.State:
	}
	if m.Live != g.live || m.Omitted != g.omitted {
		g.live, g.omitted = m.Live, m.Omitted
		beat := heartbeat(g.server.now(), g.live, g.omitted)
		for _, d := range g.members {
			if d.pushHeartbeat(beat) {
				idle = append(idle, d)
			}
		}
	}
	g.mu.Unlock()
	g.server.flush(idle)
}

// push, closeNew and delivery are called with the lock held. The first two return the displays that were idle.

func (g *Group) push(doc []byte, push func(*display, []byte) (idle bool)) []*display {
	message := frame(opText, doc)
	idle := make([]*display, 0, len(g.members))
	for _, d := range g.members {
		if push(d, message) {
			idle = append(idle, d)
		}
	}
	return idle
}

// closeNew closes the displays that wait for their first queue, to come back later. Those that fell behind keep waiting, and
// their group asks again.
func (g *Group) closeNew() (idle []*display) {
	for _, d := range g.members {
		if d.shutIfNew(closeUnavailable()) {
			idle = append(idle, d)
		}
	}
	return idle
}

// delivery says whom an event has just been given to.
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

// add makes a display a member, unless the restaurant is full.
func (g *Group) add(d *display) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.members) >= g.server.limits.DisplaysPerRestaurant {
		return false
	}
	d.group, d.index = g, len(g.members)
	g.members = append(g.members, d)
	g.snapshotWanted = true
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
}

// refresh asks the feed for a snapshot.
func (g *Group) refresh() {
	g.mu.Lock()
	g.snapshotWanted = true
	g.mu.Unlock()
	g.sync()
}
