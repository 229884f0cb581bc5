package notifier

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"kitchen/db"
)

// maxFingerprints restaurants are asked for in one statement of the periodic check.
const maxFingerprints = 200

// checkQueues compares, again and again, what every watched kitchen told with what the database holds, and has those that
// differ read. It catches what no notification announces: triggers that were disabled, a partition that was detached, a
// server that forgot its notifications in a crash, a notification queue that was full.
func (n *Notifier) checkQueues(ctx context.Context) {
	pause := n.cfg.CheckEvery
	for sleep(ctx, pause*7/10+rand.N(pause*3/10+1)) {
		pause = n.cfg.CheckEvery
		watched := make(map[db.RestaurantID]*kitchen)
		ids := []db.RestaurantID{}
		for _, k := range n.watched() {
			watched[k.id] = k
			ids = append(ids, k.id)
		}
		// A change whose notification is on its way differs, too: what still does a moment later, nobody has announced.
		differ, err := n.differing(ctx, ids, watched)
		if err == nil && len(differ) > 0 && sleep(ctx, onItsWay) {
			differ, err = n.differing(ctx, differ, watched)
		}
		if err != nil {
			if ctx.Err() == nil {
				n.log.Warn("the periodic check could not be made", "err", err)
			}
			pause = min(pause, lastRetry) // what it would have found has waited long enough
			continue
		}
		for _, id := range differ {
			n.reader.markRepair(watched[id])
		}
	}
}

// onItsWay is how long a notification takes at most, and what it makes read, on a day like any other.
const onItsWay = 250 * time.Millisecond

// differing returns those restaurants whose queue is not what was told.
func (n *Notifier) differing(ctx context.Context, ids []db.RestaurantID, watched map[db.RestaurantID]*kitchen) (
	differ []db.RestaurantID, err error,
) {
	for chunk := range slices.Chunk(ids, maxFingerprints) {
		readCtx, cancel := context.WithTimeout(ctx, readTimeout)
		prints, err := n.cfg.DB.Fingerprints(readCtx, chunk)
		cancel()
		if err != nil {
			return nil, err
		}
		found := make(map[db.RestaurantID]db.Fingerprint, len(prints))
		for _, is := range prints {
			found[is.Restaurant.ID] = is
		}
		for _, id := range chunk {
			is, exists := found[id]
			told, ok := watched[id].fingerprint()
			if !exists {
				is.Restaurant = told.Restaurant // a restaurant that was deleted has no orders, and is called what it was
			}
			if ok && told != is {
				differ = append(differ, id)
			}
		}
	}
	return differ, nil
}

// How often triggers are looked at, at least: a question about a few rows of the catalog, 0.7 ms. And how soon again where
// they do not announce changes, since nobody is live until somebody has mended them.
const (
	lookAtTriggers = 10 * time.Second
	lookAgain      = 2 * time.Second
)

// checkTriggers looks after the triggers that announce changes. With one of them gone everything still works, but late, so
// that nobody is told to be live. It repairs nothing: somebody may have had a reason.
func (n *Notifier) checkTriggers(ctx context.Context) {
	was := ""
	for pause := time.Duration(0); sleep(ctx, jitter(pause)); {
		readCtx, cancel := context.WithTimeout(ctx, readTimeout)
		wrong, err := n.cfg.DB.CheckTriggers(readCtx)
		cancel()
		if err != nil {
			pause = min(n.cfg.CheckEvery, lastRetry)
			continue // the reader says that the database is away
		}
		pause = min(n.cfg.CheckEvery, lookAtTriggers)
		silenced := slices.ContainsFunc(wrong, db.Silencing)
		if silenced {
			pause = min(pause, lookAgain)
		}
		n.wrongTriggers.Store(&wrong)
		n.listener.hinder(byTriggers, silenced)
		if is := strings.Join(wrong, ", "); is != was {
			if is != "" {
				n.log.Error("changes are not announced as they should be: run `kitchen migrate up`, or enable the triggers", "triggers", is)
			} else {
				n.log.Info("the triggers stand")
			}
			was = is
		}
	}
}

// silentAt is how full the server's notification queue must be for the triggers to skip their notifications (announce_orders
// in the migrations), so that it never fails a writer.
const silentAt = 0.75

// gaugeQueue measures the server's notification queue. Asking is also the only cure of a queue that was full.
func (n *Notifier) gaugeQueue(ctx context.Context) {
	warned := false
	n.setClock(ctx)
	for sleep(ctx, jitter(n.cfg.GaugeEvery)) {
		n.setClock(ctx)
		readCtx, cancel := context.WithTimeout(ctx, readTimeout)
		usage, err := n.cfg.DB.NotificationQueueUsage(readCtx)
		cancel()
		if err != nil {
			continue
		}
		n.cfg.Meter.QueueUsage(usage)
		if usage >= 0.25 && !warned {
			n.log.Warn("the server's notification queue fills up: a session that listens does not read, or is idle in a transaction",
				"usage", usage, "held_up_by", n.queueHolders(ctx))
		}
		warned = usage >= 0.25
		if full := usage >= silentAt; full != n.listener.hindered(byFullQueue) {
			n.listener.hinder(byFullQueue, full)
			if full {
				n.log.Error("the server's notification queue is full, and changes are not announced: end the session that listens and does not read",
					"usage", usage, "held_up_by", n.queueHolders(ctx))
			} else {
				n.log.Info("the server's notification queue has room again", "usage", usage)
			}
		}
	}
}

// queueHolders names the sessions that may keep the notification queue from moving on, as far as this node's role sees them.
func (n *Notifier) queueHolders(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	holders, err := n.cfg.DB.QueueHolders(ctx, n.cfg.GaugeEvery/2)
	if err != nil {
		return err.Error()
	}
	names := make([]string, len(holders))
	for i, h := range holders {
		names[i] = h.String()
	}
	if len(names) == 0 {
		return "nobody that this role may see: run `kitchen doctor` as a member of pg_read_all_stats"
	}
	return strings.Join(names, "; ")
}

// Trouble says what is wrong with the feed in words for an operator, or nothing.
func (n *Notifier) Trouble() []string {
	var trouble []string
	if !n.listener.hears.Load() {
		trouble = append(trouble, "notifications of the database do not arrive")
	}
	if n.listener.hindered(byFullQueue) {
		trouble = append(trouble, "the server's notification queue is full, and changes are not announced")
	}
	if wrong := n.wrongTriggers.Load(); wrong != nil {
		for _, w := range *wrong {
			trouble = append(trouble, "changes are not announced as they should be: "+w)
		}
	}
	return trouble
}
