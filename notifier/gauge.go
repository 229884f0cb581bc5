package notifier

import (
	"context"
	"strings"

	"kitchen/notifier/pause"
)

// fullQueue is a reason for which changes are not announced.
const fullQueue = "full queue"

// silentAt is the usage of the server's notification queue from which the triggers stop notifying (kitchen.is_silent in the migrations),
// because a writer's commit would fail with a full one.
const silentAt = 0.75

// gaugeQueue measures the server's notification queue. The question also makes the server drop what all have read, which
// happens otherwise only when somebody notifies, and so never in a full queue (src/backend/commands/async.c).
func (n *Notifier) gaugeQueue(ctx context.Context) {
	warned := false
	n.setClock(ctx)
	for pause.Sleep(ctx, pause.Jitter(n.cfg.GaugeEvery)) {
		n.setClock(ctx)
		readCtx, cancel := deadline(ctx)
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
		if full := usage >= silentAt; full != n.listener.Blocked(fullQueue) {
			n.listener.SetBlocked(fullQueue, full)
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
	ctx, cancel := deadline(ctx)
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
