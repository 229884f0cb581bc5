package bench

import (
	"context"
	"errors"
	"time"

	"kitchen/db/load"
)

const (
	updatedNumbers = 1 << 28 // the first of the orders that status updates and lines change
	standingOrders = 25      // of each restaurant, that are there before anything is compared: so plans are those of tables in use
)

// comparePlain measures what orders cost in our tables and in plain ones, by turns. Both have the same orders, and as many displays.
func (cfg Config) comparePlain(ctx context.Context, data *load.Dataset, r *Result) (err error) {
	if !cfg.Own {
		cfg.say("this database is not the bench's own, so no plain tables are made in it to compare with")
		return nil
	}
	if err := cfg.writeStandingOrders(ctx, data); err != nil {
		return err
	}
	apart, err := data.Apart(ctx)
	if err != nil {
		return err
	}
	plain, err := apart.Plain(ctx)
	if err != nil {
		return err
	}
	var sides []*side[*load.Writer]
	for _, s := range []struct {
		data  *load.Dataset
		start func(context.Context) (Node, func() error, error)
	}{
		{data, func(ctx context.Context) (Node, func() error, error) { return cfg.node(ctx) }},
		{plain, func(ctx context.Context) (Node, func() error, error) { return cfg.floor(ctx, plain) }},
	} {
		node, stop, err := s.start(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		c := newDisplayGroup(node, s.data)
		defer c.leave()
		if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
			return err
		}
		sides = append(sides, &side[*load.Writer]{url: s.data.URL(), connect: s.data.Writer, readsFor: 30 * time.Millisecond})
	}
	r.Costs, err = compare(ctx, cfg, data, kinds(), "plain tables", sides[0], sides[1])
	return err
}

// writeStandingOrders replaces the orders of the scenario before.
func (cfg Config) writeStandingOrders(ctx context.Context, data *load.Dataset) error {
	if err := data.Empty(ctx); err != nil {
		return err
	}
	w, err := data.Writer(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Fill(ctx, 0, len(data.Restaurants), standingOrders, openNumbers); err != nil {
		return err
	}
	for i := range updatedOrders {
		if err := w.Order(ctx, updatedNumbers+i, i%cfg.Restaurants); err != nil {
			return err
		}
	}
	return nil
}
