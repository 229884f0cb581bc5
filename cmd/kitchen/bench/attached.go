package bench

import (
	"context"
	"errors"

	"kitchen/db/load"
)

// attached compares what a write costs another program's tables, a Django app's, with our triggers on them and with the least that
// would announce it, by turns. Nobody listens: only the writer's cost is measured.
func (cfg Config) attached(ctx context.Context, r *Result) (err error) {
	if !cfg.Own {
		return errors.New("the attached tables are databases of their own: unset DATABASE_URL, so that the bench runs a private Postgres")
	}
	ours, least, err := load.Hosts(ctx, cfg.DatabaseURL, cfg.Restaurants, max(updatedOrders, standingOrders*cfg.Restaurants))
	if err != nil {
		return err
	}
	r.Writers = cfg.Writers
	r.Costs, err = compare(ctx, cfg, load.Open(cfg.DatabaseURL, "", 0), hostKinds(), "a bare trigger",
		&side[*load.HostWriter]{url: ours.URL(), connect: ours.Writer}, &side[*load.HostWriter]{url: least.URL(), connect: least.Writer})
	return err
}
