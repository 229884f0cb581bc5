package notifier

import (
	"context"
	"time"
)

// setClock measures how far the database's clock is ahead of this machine's, so that times of both can be compared.
func (n *Notifier) setClock(ctx context.Context) {
	ctx, cancel := deadline(ctx)
	defer cancel()
	began := time.Now()
	theirs, err := n.cfg.DB.Now(ctx)
	if err != nil {
		return // the reader says that the database is away
	}
	n.clock.Store(int64(theirs.Sub(began.Add(time.Since(began) / 2))))
}
