package ws

import (
	"fmt"
	"slices"

	"kitchen/db/order"
	"kitchen/ws/protocol"
)

// show notes what a display shows, and has the feed told, so that other displays know which stations have a screen.
func (d *display) show(r protocol.Request) *protocol.Problem {
	g := d.group
	g.mu.Lock()
	known := g.stations.All()
	for _, id := range r.Stations {
		if !slices.ContainsFunc(known, func(s order.Station) bool { return s.ID == id }) {
			g.mu.Unlock()
			return &protocol.Problem{Code: protocol.InvalidMessage,
				Message: fmt.Sprintf("this restaurant has no station %s: initial_queue lists those that it has; without stations a display shows everything", id)}
		}
	}
	g.shown.Add(d.shows, -1)
	d.shows = r.Stations
	g.shown.Add(d.shows, 1)
	g.shownChanged = true
	g.mu.Unlock()
	g.syncSubscription()
	return nil
}

// tellShown tells the feed what the displays show. It is a step of syncSubscription.
func (g *Group) tellShown() {
	g.mu.Lock()
	subscription, shown := g.subscription, g.shown.Clone()
	g.mu.Unlock()
	subscription.Show(shown)
}

// pushScreens queues the group's latest screens message for the displays that have their orders and were not sent it. The caller
// holds g.mu. It returns the displays that were idle.
func (g *Group) pushScreens() (idle []*display) {
	for _, d := range g.members {
		if d.pushScreens(g.screens, g.screensNumber) {
			idle = append(idle, d)
		}
	}
	return idle
}

// pushScreens queues a screens message in place of one that still waits.
func (d *display) pushScreens(frame []byte, number uint64) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress == joining || d.screens == number {
		return false
	}
	d.screens = number
	return d.replace(outgoing{screensMessage, frame})
}
