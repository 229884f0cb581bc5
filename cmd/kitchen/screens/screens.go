// Package screens pairs screens, lists them and takes their passes away, for an operator at a terminal.
package screens

import (
	"context"
	"errors"
	"fmt"
	"io"
	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
	"time"
)

// Desk is where an operator looks after screens: what a script may use goes to Out, the rest to Notes.
type Desk struct {
	DB         *db.DB
	Out, Notes io.Writer
}

// Pair confirms a code, and prints the new device's id. Without a restaurant it is the only one that there is.
func (d Desk) Pair(ctx context.Context, c order.Confirmation) (err error) {
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
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("no screen shows the code %q now: codes live for ten minutes and are used once, so read it again", c.Code)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(d.Out, id)
	fmt.Fprintf(d.Notes, "paired %q; kitchen screens list shows all, kitchen screens revoke takes one away\n", text.Clean(c.Name))
	return nil
}

// List prints the screens of a restaurant, or of all, and what is connected now.
func (d Desk) List(ctx context.Context, restaurant order.RestaurantID) error {
	devices, err := d.DB.AllDevices(ctx, restaurant)
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		fmt.Fprintln(d.Notes, "no screen was paired: open a node's address on one, and kitchen pair CODE")
	}
	for _, s := range devices {
		fmt.Fprintf(d.Out, "%s  %s  %s  restaurant %s  %s\n", s.ID, text.Clean(s.Name),
			map[string]string{order.BoardRole: "board", order.ScreenRole: "pick-up screen"}[s.Role], s.Restaurant, lastSeen(s))
	}
	connected, err := d.DB.Connected(ctx, restaurant)
	for _, c := range connected {
		shows := "everything"
		if c.Station != "" {
			shows = text.Clean(c.Station)
		}
		fmt.Fprintf(d.Out, "connected now: restaurant %s, node %s: %s of %s\n", c.Restaurant, text.Clean(c.Node), text.Count(c.Count, "display"), shows)
	}
	return err
}

func lastSeen(d order.Device) string {
	switch {
	case d.Revoked:
		return "revoked"
	case d.LastSeen.IsZero():
		return "never seen"
	}
	ago := time.Since(d.LastSeen)
	if ago < 2*time.Minute { // it is written down once a minute
		return "in use"
	}
	return "last seen " + d.LastSeen.UTC().Format("2006-01-02 15:04 UTC")
}

// Revoke makes the pass of a screen worthless.
func (d Desk) Revoke(ctx context.Context, restaurant order.RestaurantID, screen string) error {
	revoked, err := d.DB.Revoke(ctx, restaurant, screen)
	if err != nil {
		return err
	}
	if len(revoked) == 0 {
		return fmt.Errorf("there is no screen %q whose pass is good: kitchen screens list", screen)
	}
	for _, s := range revoked {
		fmt.Fprintf(d.Out, "revoked %s  %s  restaurant %s\n", s.ID, text.Clean(s.Name), s.Restaurant)
	}
	return nil
}
