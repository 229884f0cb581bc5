package ws

import (
	"sync"

	"kitchen/db/order"
)

// Group is the displays of one restaurant on this node: the audience of a [Feed]. The feed's calls come in order, by one
// goroutine at a time, and none of them waits for a display.
type Group struct {
	// Static after construction.
	server     *Server
	restaurant order.RestaurantID

	recents recents

	mu      sync.Mutex
	members []*display
	live    bool

	// The seat is touched by whoever set settling; the fields themselves are guarded by mu.
	seat     Seat
	settling bool
	asked    bool // a display waits for a snapshot that the feed has not been asked for
}

// Snapshot gives an initial_queue to the displays that wait for one: they joined, or fell behind. The others ignore it.
func (g *Group) Snapshot(doc []byte) { g.tell(doc, (*display).pushSnapshot) }

// Replace gives an initial_queue to every display, in the place of what it has: the database went back.
func (g *Group) Replace(doc []byte) { g.tell(doc, (*display).pushReplacement) }

// Event gives an event to every display that has its queue. Those that wait for a snapshot skip it.
func (g *Group) Event(doc []byte) { g.tell(doc, (*display).pushEvent) }

func (g *Group) tell(doc []byte, push func(*display, []byte) (idle bool)) {
	message := frame(opText, doc)
	g.mu.Lock()
	idle := make([]*display, 0, len(g.members))
	for _, d := range g.members {
		if push(d, message) {
			idle = append(idle, d)
		}
	}
	g.mu.Unlock()
	g.server.flush(idle)
}

// Live says whether the restaurant's feed is live or deaf. A change is told to every display that has its queue at once,
// and is in every later heartbeat. A group is deaf until it is told otherwise.
func (g *Group) Live(live bool) {
	g.mu.Lock()
	if g.live == live {
		g.mu.Unlock()
		return
	}
	g.live = live
	beat := heartbeat(g.server.now(), live)
	idle := make([]*display, 0, len(g.members))
	for _, d := range g.members {
		if d.pushHeartbeat(beat) {
			idle = append(idle, d)
		}
	}
	g.mu.Unlock()
	g.server.flush(idle)
}

// Unavailable says that no snapshot can be had now. Displays that wait for their first are closed, to come back later;
// those that fell behind keep waiting, and their group asks again.
func (g *Group) Unavailable() {
	g.mu.Lock()
	idle := make([]*display, 0, len(g.members))
	for _, d := range g.members {
		if d.shutIfNew(closeUnavailable()) {
			idle = append(idle, d)
		}
	}
	g.mu.Unlock()
	g.server.flush(idle)
}

// add seats a display, unless the restaurant is full.
func (g *Group) add(d *display) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.members) >= g.server.limits.DisplaysPerRestaurant {
		return false
	}
	d.group, d.chair = g, len(g.members)
	g.members = append(g.members, d)
	g.asked = true
	return true
}

func (g *Group) remove(d *display) {
	g.mu.Lock()
	defer g.mu.Unlock()
	last := g.members[len(g.members)-1]
	g.members[d.chair], last.chair = last, d.chair
	g.members[len(g.members)-1] = nil
	g.members = g.members[:len(g.members)-1]
}

// refresh asks the feed for a snapshot.
func (g *Group) refresh() {
	g.mu.Lock()
	g.asked = true
	g.mu.Unlock()
	g.settle()
}

// settle brings the group's seat in the feed in line with its members: it joins for the first, leaves after the last and
// asks for the snapshots that are wanted. One goroutine at a time does so, whatever the others changed meanwhile included,
// so that a join can never overtake a leave, or a refresh follow one. The feed is called without a lock, since it may call
// the group before it returns.
func (g *Group) settle() {
	g.mu.Lock()
	if g.settling {
		g.mu.Unlock()
		return
	}
	g.settling = true
	for g.settleOnce() {
	}
	g.settling = false
	empty := len(g.members) == 0
	g.mu.Unlock()
	if empty {
		g.server.forget(g)
	}
}

// settleOnce takes one step, and answers whether there was one to take. It is called with the lock held, and returns so.
func (g *Group) settleOnce() bool {
	seat, members := g.seat, len(g.members)
	switch {
	case seat == nil && members > 0:
		g.mu.Unlock()
		seat = g.server.feed.Join(g.restaurant, g)
		g.mu.Lock()
		g.seat, g.asked = seat, true
	case seat != nil && members == 0:
		g.seat = nil
		g.mu.Unlock()
		seat.Leave()
		g.mu.Lock()
		g.live = false // nobody says so any more
	case seat != nil && g.asked:
		g.asked = false
		g.mu.Unlock()
		seat.Refresh()
		g.mu.Lock()
	default:
		return false
	}
	return true
}
