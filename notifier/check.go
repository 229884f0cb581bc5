package notifier

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"kitchen/db"
)

// maxFingerprints restaurants are asked for in one statement of the periodic check.
const maxFingerprints = 200

// checkQueues compares, again and again, what every watched kitchen told with what the database holds, and has those that
// differ read. It catches what no notification announces: triggers that were disabled, a partition that was detached, a
// server that forgot its notifications in a crash, a notification queue that was full.
func (n *Notifier) checkQueues(ctx context.Context) {
	for sleep(ctx, n.cfg.CheckEvery*4/5+rand.N(n.cfg.CheckEvery*2/5+1)) {
		watched := make(map[db.RestaurantID]*kitchen)
		ids := []db.RestaurantID{}
		for _, k := range n.watched() {
			watched[k.id] = k
			ids = append(ids, k.id)
		}
		for chunk := range slices.Chunk(ids, maxFingerprints) {
			readCtx, cancel := context.WithTimeout(ctx, readTimeout)
			prints, err := n.cfg.DB.Fingerprints(readCtx, chunk)
			cancel()
			if err != nil {
				if ctx.Err() == nil {
					n.log.Warn("the periodic check could not be made", "err", err)
				}
				break
			}
			n.compare(prints, watched)
		}
	}
}

func (n *Notifier) compare(prints []db.Fingerprint, watched map[db.RestaurantID]*kitchen) {
	for _, is := range prints {
		k := watched[is.Restaurant.ID]
		// What changed between their reading and ours differs, too; then one read more finds nothing to tell.
		if told, ok := k.fingerprint(); ok && (told.Restaurant != is.Restaurant || told.Orders != is.Orders || told.Stamp != is.Stamp) {
			n.reader.markRepair(k)
		}
	}
}

// checkTriggers looks after the triggers that announce changes: with one of them gone, everything still works, but late.
func (n *Notifier) checkTriggers(ctx context.Context) {
	was := ""
	for first := true; first || sleep(ctx, jitter(n.cfg.CheckEvery)); first = false {
		readCtx, cancel := context.WithTimeout(ctx, readTimeout)
		wrong, err := n.cfg.DB.CheckTriggers(readCtx)
		cancel()
		if err != nil {
			continue // the reader says that the database is away
		}
		n.wrongTriggers.Store(&wrong)
		if is := strings.Join(wrong, ", "); is != was {
			if is != "" {
				n.log.Error("changes are not announced as they should be: run `kitchen migrate`, or enable the triggers", "triggers", is)
			} else {
				n.log.Info("the triggers stand")
			}
			was = is
		}
	}
}

// gaugeQueue measures the server's notification queue. Asking is also the only cure of a queue that was full.
func (n *Notifier) gaugeQueue(ctx context.Context) {
	warned := false
	for sleep(ctx, jitter(n.cfg.GaugeEvery)) {
		readCtx, cancel := context.WithTimeout(ctx, readTimeout)
		usage, err := n.cfg.DB.NotificationQueueUsage(readCtx)
		cancel()
		if err != nil {
			continue
		}
		if usage >= 0.25 && !warned {
			n.log.Warn("the server's notification queue fills up: a session that listens does not read, or is idle in a transaction", "usage", usage)
		}
		warned = usage >= 0.25
	}
}

// Trouble says what is wrong with the feed in words for an operator, or nothing.
func (n *Notifier) Trouble() []string {
	var trouble []string
	if !n.Live() {
		trouble = append(trouble, "notifications of the database do not arrive")
	}
	if wrong := n.wrongTriggers.Load(); wrong != nil {
		for _, w := range *wrong {
			trouble = append(trouble, "trigger "+w)
		}
	}
	return trouble
}
