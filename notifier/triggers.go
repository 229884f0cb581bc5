package notifier

import (
	"context"
	"slices"
	"strings"
	"time"

	"kitchen/db"
	"kitchen/notifier/pause"
)

// missingTriggers is a reason for which changes are not announced.
const missingTriggers = "missing triggers"

// How often triggers are checked, which reads a few rows of the catalog in 0.7 ms, and how often while some are missing, because no
// kitchen is live until then.
const (
	lookAtTriggers = 10 * time.Second
	lookAgain      = 2 * time.Second
)

// checkTriggers watches the triggers that announce changes. Without one of them changes arrive late, so no kitchen is live. It repairs
// nothing: somebody may have removed it for a reason.
func (n *Notifier) checkTriggers(ctx context.Context) {
	was := ""
	for wait := time.Duration(0); pause.Sleep(ctx, pause.Jitter(wait)); {
		readCtx, cancel := deadline(ctx)
		wrong, err := n.cfg.DB.CheckTriggers(readCtx)
		cancel()
		if err != nil {
			wait = min(n.cfg.CheckEvery, pause.Last)
			continue // the reader says that the database is away
		}
		wait = min(n.cfg.CheckEvery, lookAtTriggers)
		missing := slices.ContainsFunc(wrong, func(f db.TriggerFault) bool { return f.Silences })
		if missing {
			wait = min(wait, lookAgain)
		}
		n.wrongTriggers.Store(&wrong)
		n.listener.SetBlocked(missingTriggers, missing)
		means := make([]string, len(wrong))
		for i, f := range wrong {
			means[i] = f.Means
		}
		if is := strings.Join(means, ", "); is != was {
			if is != "" {
				n.log.Error("changes are not announced as they should be: `kitchen doctor` says what mends it", "triggers", is)
			} else {
				n.log.Info("the triggers are complete")
			}
			was = is
		}
	}
}

// WrongTriggers is how many of the triggers that announce changes were missing or not enabled always at the last look.
func (n *Notifier) WrongTriggers() int {
	if wrong := n.wrongTriggers.Load(); wrong != nil {
		return len(*wrong)
	}
	return 0
}
