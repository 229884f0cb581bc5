// Package screens pairs screens, lists and revokes them, for an operator at a terminal.
package screens

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
)

// Commands runs the commands about screens. It prints what a script may use to Out, and everything else to Notes.
type Commands struct {
	DB         *db.DB
	Out, Notes io.Writer
	JSON       bool // one document for programs, in place of lines
}

// Pair confirms a code, and prints the new device's id. Where no restaurant is named, the database must have only one.
func (d Commands) Pair(ctx context.Context, c order.Confirmation) (err error) {
	if c.Restaurant == "" {
		if c.Restaurant, err = d.DB.OnlyRestaurant(ctx); err != nil {
			return err
		}
	}
	if c.Name == "" {
		c.Name = c.Code
	}
	if _, err := d.DB.Keys().Restaurant.Parse(string(c.Restaurant)); err != nil {
		return fmt.Errorf("restaurant: %w", err)
	}
	id, err := d.DB.Pair(ctx, c)
	if errors.Is(err, order.ErrNotFound) {
		return fmt.Errorf("no screen shows the code %q now: codes live for ten minutes and are used once, so read it again", c.Code)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(d.Out, id)
	fmt.Fprintf(d.Notes, "paired %q; kitchen screens list shows all, kitchen screens revoke takes one away\n", text.Clean(c.Name))
	return nil
}

// checkRestaurant refuses the id of a restaurant that does not exist, which has no screens for that reason only. Empty stands for all.
func (d Commands) checkRestaurant(ctx context.Context, id order.RestaurantID) error {
	if id == "" {
		return nil
	}
	names, err := d.DB.RestaurantNames(ctx, []order.RestaurantID{id})
	if _, known := names[id]; err == nil && !known {
		return fmt.Errorf("there is no restaurant %.40s: select id, name from kitchen.restaurants shows the ids", id)
	}
	return err
}

// Revoke makes the device token of a screen worthless.
func (d Commands) Revoke(ctx context.Context, restaurant order.RestaurantID, name string) error {
	if err := d.checkRestaurant(ctx, restaurant); err != nil {
		return err
	}
	revoked, err := d.DB.Revoke(ctx, restaurant, name)
	if err != nil {
		return err
	}
	if len(revoked) == 0 {
		return fmt.Errorf("there is no screen %q that is not revoked: kitchen screens list shows all", name)
	}
	is, err := d.describe(ctx, revoked, nil)
	if d.JSON {
		return errors.Join(err, text.JSON(d.Out, is))
	}
	for _, s := range is.Screens {
		fmt.Fprintf(d.Out, "revoked %s  %s  restaurant %s\n", s.ID, text.Clean(s.Name), s.restaurant())
	}
	return err
}
