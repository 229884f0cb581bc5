package notifier

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/pause"
)

const (
	screensSoon   = 200 * time.Millisecond // changes within this time are sent together
	tidyScreens   = time.Minute
	screensMissed = time.Minute // until a database without the table of screens is asked again
	lastExchange  = 2 * time.Second
)

// presence publishes to other nodes what the displays of this node show, and gives this node's kitchens the sums of all nodes. Each node
// writes its displays every few seconds, and soon after a change, and reads those of the others, all in one round trip. A node that
// stops deletes its rows at once. Those of a node that crashed expire.
type presence struct {
	// Static after construction.
	db       *db.DB
	log      *slog.Logger
	node     string
	every    time.Duration
	kept     time.Duration
	kitchens func() []*kitchen
	wake     chan struct{} // holds one token while a restaurant is dirty

	mu    sync.Mutex // guards what follows
	shown map[*Subscription]order.Screens
	dirty map[order.RestaurantID]bool // whose displays may have changed, here or on another node

	// Owned by run.
	written map[order.RestaurantID]order.Screens
	failing error // of the last exchange
	due     time.Time
	tidied  time.Time
}

func newPresence(n *Notifier) *presence {
	return &presence{
		db: n.cfg.DB, log: n.log, node: n.cfg.Node, every: n.cfg.ScreensEvery, kept: n.cfg.ScreensKept, kitchens: n.watched,
		wake: make(chan struct{}, 1), shown: make(map[*Subscription]order.Screens), dirty: make(map[order.RestaurantID]bool),
		written: make(map[order.RestaurantID]order.Screens), tidied: time.Now(),
	}
}

// set records what the displays of a subscription show. A subscription without displays has ended.
func (p *presence) set(s *Subscription, screens order.Screens) {
	p.mu.Lock()
	if screens.Equal(order.Screens{}) {
		delete(p.shown, s)
	} else {
		p.shown[s] = screens
	}
	p.mu.Unlock()
	p.changed(s.kitchen.id)
}

// changed schedules an exchange for a restaurant. It never blocks.
func (p *presence) changed(id order.RestaurantID) {
	p.mu.Lock()
	p.dirty[id] = true
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *presence) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.leave(context.WithoutCancel(ctx))
			return
		case <-timer.C:
			p.exchange(ctx, true)
		case <-p.wake:
			if pause.Sleep(ctx, screensSoon) {
				p.exchange(ctx, false)
			}
		}
		timer.Reset(time.Until(p.due))
	}
}

// exchange writes and reads once, for all restaurants or for those that are dirty.
func (p *presence) exchange(ctx context.Context, all bool) {
	kitchens, own, dirty := p.kitchens(), p.own(), p.takeDirty()
	all = all || !time.Now().Before(p.due)
	if all {
		p.due = time.Now().Add(p.every*7/10 + rand.N(p.every*3/10+1))
	} else {
		kitchens = slices.DeleteFunc(kitchens, func(k *kitchen) bool { return !dirty[k.id] })
	}
	x := db.ScreensExchange{Node: p.node, Own: own, Kept: p.kept, Watched: []order.RestaurantID{}}
	for _, k := range kitchens {
		x.Watched = append(x.Watched, k.id)
		if !own[k.id].Equal(p.written[k.id]) && k.hasStations() {
			x.Changed = append(x.Changed, k.id)
		}
	}
	if !all {
		x.Only = x.Watched
	} else {
		x.Same = maps.EqualFunc(own, p.written, order.Screens.Equal)
	}
	others, err := p.ask(ctx, x)
	for _, k := range kitchens {
		// Without an answer the counts of other nodes stay, and those of this node are current.
		k.setScreens(own[k.id], others.Of[k.id], err == nil)
	}
	if all {
		p.tidy(ctx)
	}
}

// ask runs the exchange with the database, if there is anything to write or to read.
func (p *presence) ask(ctx context.Context, x db.ScreensExchange) (db.OtherScreens, error) {
	if len(x.Watched) == 0 && len(x.Own) == 0 && len(p.written) == 0 {
		return db.OtherScreens{}, nil
	}
	if x.Only != nil && errors.Is(p.failing, db.ErrNoScreens) { // asked with all, once a while
		return db.OtherScreens{}, p.failing
	}
	// An exchange that is under way ends before the node leaves, because the server may still run one that was cut off after the rows
	// were deleted.
	asking, cancel := deadline(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastExchange/4, cancel) })()
	others, err := p.db.ExchangeScreens(asking, x)
	switch {
	case err == nil:
		if x.Only == nil {
			clear(p.written)
			maps.Copy(p.written, x.Own)
		}
		for _, id := range x.Only {
			p.written[id] = x.Own[id]
		}
		if change := time.Now().Add(others.Change); others.Change > 0 && change.Before(p.due) {
			p.due = change
		}
		if p.failing != nil {
			p.log.Info("nodes know of each other's screens again")
		}
	case ctx.Err() != nil:
		return others, err
	default:
		if p.failing == nil { // said once, until it succeeds
			p.log.Warn("nodes cannot exchange which screens they have: a board may say that a station has no screen, though another node has one", "err", err)
		}
		if errors.Is(err, db.ErrNoScreens) {
			p.due = time.Now().Add(screensMissed)
		}
	}
	p.failing = err
	return others, err
}

func (p *presence) takeDirty() map[order.RestaurantID]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	dirty := p.dirty
	p.dirty = make(map[order.RestaurantID]bool)
	return dirty
}

// own returns what the displays of this node show.
func (p *presence) own() map[order.RestaurantID]order.Screens {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := make(map[order.RestaurantID]order.Screens, len(p.shown))
	for s, screens := range p.shown {
		own[s.kitchen.id] = own[s.kitchen.id].Plus(screens)
	}
	return own
}

// leave deletes this node's rows.
func (p *presence) leave(ctx context.Context) {
	if len(p.written) == 0 {
		return
	}
	x := db.ScreensExchange{Node: p.node, Kept: p.kept}
	for _, k := range p.kitchens() {
		if !p.written[k.id].Equal(order.Screens{}) && k.hasStations() {
			x.Changed = append(x.Changed, k.id)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lastExchange)
	defer cancel()
	// An error means that the database is away: the rows expire.
	_, _ = p.db.ExchangeScreens(ctx, x)
}

func (p *presence) tidy(ctx context.Context) {
	if p.failing != nil || time.Since(p.tidied) < tidyScreens {
		return
	}
	p.tidied = time.Now()
	ctx, cancel := deadline(ctx)
	defer cancel()
	if err := p.db.TidyScreens(ctx); err != nil && ctx.Err() == nil {
		p.log.Debug("the screens of nodes that died could not be deleted", "err", err)
	}
}
