package notifier

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/pause"
)

// So many restaurants are asked for in one statement of the periodic check.
const (
	maxFingerprints = 200
	fewFingerprints = 10 // of those that differed just before
	mostAgain       = 20 // statements for those; where very many differ, each asks for more
)

// onItsWay is longer than a notification and the read that it causes usually take.
const onItsWay = 250 * time.Millisecond

// checkQueues compares, every CheckEvery, what each watched kitchen sent with what the database holds, and marks those that differ as
// dirty. It finds what no notification announced: while triggers were disabled, a partition was detached, a server lost its
// notifications in a crash, or the notification queue was full.
func (n *Notifier) checkQueues(ctx context.Context) {
	c := &check{log: n.log, fingerprints: n.cfg.DB.Fingerprints, failing: make(map[order.RestaurantID]bool),
		ask: func(ctx context.Context) error { _, err := n.cfg.DB.Now(ctx); return err }}
	wait := n.cfg.CheckEvery
	for pause.Sleep(ctx, wait*7/10+rand.N(wait*3/10+1)) {
		wait = n.cfg.CheckEvery
		c.watched = make(map[order.RestaurantID]*kitchen)
		for _, k := range n.watched() {
			c.watched[k.id] = k
		}
		maps.DeleteFunc(c.failing, func(id order.RestaurantID, _ bool) bool { return c.watched[id] == nil })
		differ, err := c.unannounced(ctx)
		if err != nil {
			if ctx.Err() == nil {
				n.log.Warn("the periodic check could not be made", "err", err)
			}
			wait = min(wait, pause.Last) // a check that failed is repeated soon
			continue
		}
		for id, is := range differ {
			if k := c.watched[id]; !k.recount(is) {
				n.reader.markRepair(k)
			}
		}
	}
}

// check is the state of [Notifier.checkQueues]. Only its goroutine uses it.
type check struct {
	log          *slog.Logger
	fingerprints func(context.Context, []order.RestaurantID) ([]db.Fingerprint, error)
	ask          func(context.Context) error // fails if the database does not answer
	watched      map[order.RestaurantID]*kitchen
	failing      map[order.RestaurantID]bool // restaurants whose fingerprint could not be read, the last time
}

// unannounced returns the watched restaurants whose queue is not what was sent, with what their fingerprints are. A change whose notification
// is still on its way differs, too: only what still differs a moment later was not announced. Then few are asked for at once, because while
// a statement for many runs, more orders come to a busy restaurant, and it would differ again.
func (c *check) unannounced(ctx context.Context) (differ map[order.RestaurantID]db.Fingerprint, err error) {
	differ, err = c.compare(ctx, slices.Collect(maps.Keys(c.watched)), maxFingerprints)
	for range 2 {
		if err != nil || len(differ) == 0 || !pause.Sleep(ctx, onItsWay) {
			break
		}
		differ, err = c.compare(ctx, slices.Collect(maps.Keys(differ)), min(maxFingerprints, max(fewFingerprints, len(differ)/mostAgain)))
	}
	return differ, err
}

// compare returns those restaurants whose queue is not what was sent, with what their fingerprints are. A restaurant that
// failed before is asked for alone, so that it makes no other fail. An error means that the database is away.
func (c *check) compare(ctx context.Context, ids []order.RestaurantID, atOnce int) (differ map[order.RestaurantID]db.Fingerprint, err error) {
	differ = make(map[order.RestaurantID]db.Fingerprint)
	var sound []order.RestaurantID
	for _, id := range ids {
		if !c.failing[id] {
			sound = append(sound, id)
		} else if err := c.compareSome(ctx, []order.RestaurantID{id}, differ); err != nil {
			return nil, err
		}
	}
	for chunk := range slices.Chunk(sound, atOnce) {
		if err := c.compareSome(ctx, chunk, differ); err != nil {
			return nil, err
		}
	}
	return differ, nil
}

// compareSome asks for some restaurants in one statement. If that fails though the database answers, it asks for each half, and so
// on, until it is left with the restaurant that fails.
func (c *check) compareSome(ctx context.Context, ids []order.RestaurantID, differ map[order.RestaurantID]db.Fingerprint) error {
	asking, cancel := deadline(ctx)
	prints, err := c.fingerprints(asking, ids)
	cancel()
	if err != nil {
		asking, cancel := deadline(ctx)
		defer cancel()
		if c.ask(asking) != nil {
			return err
		}
		if len(ids) == 1 {
			c.fail(ids[0], err, differ)
			return nil
		}
		for half := range slices.Chunk(ids, (len(ids)+1)/2) {
			if err := c.compareSome(ctx, half, differ); err != nil {
				return err
			}
		}
		return nil
	}
	found := make(map[order.RestaurantID]db.Fingerprint, len(prints))
	for _, is := range prints {
		found[is.Restaurant.ID] = is
	}
	for _, id := range ids {
		delete(c.failing, id)
		is, exists := found[id]
		sent, ok := c.watched[id].fingerprint()
		if !exists {
			is.Restaurant = sent.Restaurant // a restaurant that was deleted has no orders, and keeps its last name
		}
		if ok && sent != is {
			differ[id] = is
		}
	}
	return nil
}

// fail logs, once, that a restaurant cannot be compared, and has its queue read instead. That compares, too; and if it fails as
// well, the restaurant's displays are not live.
func (c *check) fail(id order.RestaurantID, err error, differ map[order.RestaurantID]db.Fingerprint) {
	if !c.failing[id] {
		c.log.Warn("the periodic check of a restaurant could not be made: its whole queue is read instead", "restaurant", id, "err", err)
	}
	c.failing[id] = true
	differ[id] = db.Fingerprint{} // which no queue has
}

// recount sends the number of omitted orders, if nothing else differs from what was sent. Otherwise it reports false.
func (k *kitchen) recount(is db.Fingerprint) bool {
	k.seq.Lock()
	defer k.seq.Unlock()
	sent := k.sent.fingerprint()
	sent.Omitted = is.Omitted
	if sent != is {
		return false
	}
	if k.sent.omitted != is.Omitted {
		k.sent.omitted = is.Omitted
		k.deliver(k.message(order.State, nil))
	}
	return true
}

// fingerprint is that of the queue as it was sent. ok is false if no queue was read yet.
func (k *kitchen) fingerprint() (f db.Fingerprint, ok bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.sent.fingerprint(), k.sent.loaded
}
