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

// How often triggers are looked at, at least: a question about a few rows of the catalog, 0.7 ms. And how soon again where
// they do not announce changes, since nobody is live until somebody has mended them.
const (
	lookAtTriggers = 10 * time.Second
	lookAgain      = 2 * time.Second
)

// checkTriggers looks after the triggers that announce changes. With one of them gone everything still works, but late, so
// nobody is called live. It repairs nothing: somebody may have had a reason.
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
				n.log.Info("the triggers stand")
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
