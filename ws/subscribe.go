package ws

// syncSubscription brings the group's subscription in line with its members: it subscribes for the first, unsubscribes after the
// last, asks for the snapshots that displays wait for, and tells what they show. One goroutine at a time does that, step by step, also for what others
// change meanwhile; their calls return at once. So a new subscription never begins before the end of the last, and no refresh comes
// after that end.
func (g *Group) syncSubscription() {
	g.mu.Lock()
	mine := !g.syncing
	g.syncing = true
	g.mu.Unlock()
	if !mine {
		return
	}
	for step := g.nextStep(); step != nil; step = g.nextStep() {
		step()
	}
}

// nextStep is what has to be done next, or nil: then syncing has ended. The steps run without the lock, because the feed may
// deliver before a call of it returns.
func (g *Group) nextStep() func() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.subscription == nil && len(g.members) > 0:
		return g.subscribe
	case g.subscription != nil && len(g.members) == 0:
		return g.unsubscribe
	case g.subscription != nil && g.snapshotWanted:
		g.snapshotWanted = false
		return g.subscription.Refresh
	case g.subscription != nil && g.shownChanged && !g.pickup:
		g.shownChanged = false
		return g.tellShown
	}
	g.syncing = false
	return nil
}

func (g *Group) subscribe() {
	subscribe := g.server.feed.Subscribe
	if g.pickup {
		subscribe = g.server.feed.SubscribePickup
	}
	subscription := subscribe(g.restaurant, g)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.subscription, g.snapshotWanted, g.shownChanged = subscription, true, true
}

func (g *Group) unsubscribe() {
	g.mu.Lock()
	subscription := g.subscription
	g.mu.Unlock()
	subscription.Unsubscribe()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.subscription, g.live, g.omitted = nil, false, 0 // no message confirms them any more
	g.stations, g.screens, g.screensNumber = "", nil, 0
}
