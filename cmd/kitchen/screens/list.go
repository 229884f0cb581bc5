package screens

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
)

// listed is what List prints, in words or as JSON.
type listed struct {
	Screens   []screen    `json:"screens"`
	Connected []connected `json:"connected"` // of restaurants that have stations
}

type screen struct {
	ID           order.DeviceID     `json:"id"`
	Name         string             `json:"name"`
	Role         string             `json:"role"`
	Stations     []order.Station    `json:"stations"` // that its board was paired to show; empty: everything
	RestaurantID order.RestaurantID `json:"restaurant_id"`
	Restaurant   string             `json:"restaurant"`
	LastSeen     *time.Time         `json:"last_seen_at"`
	Revoked      bool               `json:"revoked"`
}

type connected struct {
	RestaurantID order.RestaurantID `json:"restaurant_id"`
	Restaurant   string             `json:"restaurant"`
	Node         string             `json:"node"`
	Station      string             `json:"station"` // its name; empty: everything
	Displays     int                `json:"displays"`
}

// List prints the screens of a restaurant, or of all, and what is connected now.
func (d Commands) List(ctx context.Context, restaurant order.RestaurantID) error {
	if err := d.checkRestaurant(ctx, restaurant); err != nil {
		return err
	}
	devices, err := d.DB.AllDevices(ctx, restaurant)
	if err != nil {
		return err
	}
	now, err := d.DB.Connected(ctx, restaurant)
	if err != nil {
		return err
	}
	is, err := d.describe(ctx, devices, now)
	if err != nil {
		return err
	}
	if d.JSON {
		return text.JSON(d.Out, is)
	}
	d.print(is)
	return nil
}

// describe adds the names of restaurants to devices and to what is connected.
func (d Commands) describe(ctx context.Context, devices []order.Device, now []db.Connected) (is listed, err error) {
	ids := make([]order.RestaurantID, 0, len(devices)+len(now))
	for _, s := range devices {
		ids = append(ids, s.Restaurant)
	}
	for _, c := range now {
		ids = append(ids, c.Restaurant)
	}
	names, err := d.DB.RestaurantNames(ctx, ids)
	is = listed{Screens: []screen{}, Connected: []connected{}}
	for _, s := range devices {
		one := screen{ID: s.ID, Name: s.Name, Role: s.Role, Stations: s.Stations, RestaurantID: s.Restaurant, Restaurant: names[s.Restaurant], Revoked: s.Revoked}
		if !s.LastSeen.IsZero() {
			one.LastSeen = &s.LastSeen
		}
		is.Screens = append(is.Screens, one)
	}
	for _, c := range now {
		is.Connected = append(is.Connected, connected{c.Restaurant, names[c.Restaurant], c.Node, c.Station, c.Count})
	}
	return is, err
}

func (d Commands) print(is listed) {
	if len(is.Screens) == 0 {
		fmt.Fprintln(d.Notes, "no screen was paired: open a node's address on one, and kitchen pair CODE")
	}
	for _, s := range is.Screens {
		fmt.Fprintf(d.Out, "%s  %s  %s  restaurant %s  %s\n", s.ID, text.Clean(s.Name), s.what(), s.restaurant(), s.lastSeen())
	}
	for _, c := range is.Connected {
		shows := "everything"
		if c.Station != "" {
			shows = text.Clean(c.Station)
		}
		fmt.Fprintf(d.Out, "connected now: restaurant %s, node %s: %s of %s\n", text.Named(c.Restaurant, string(c.RestaurantID)), text.Clean(c.Node),
			text.Count(c.Displays, "display"), shows)
	}
}

// restaurant is the restaurant's name and id.
func (s screen) restaurant() string { return text.Named(s.Restaurant, string(s.RestaurantID)) }

// what describes a screen: a pick-up screen, or a board and the stations that it was paired to show.
func (s screen) what() string {
	if s.Role == order.ScreenRole {
		return "pick-up screen"
	}
	if len(s.Stations) == 0 {
		return "board"
	}
	names := make([]string, len(s.Stations))
	for i, station := range s.Stations {
		names[i] = text.Clean(station.Name)
	}
	return "board of " + strings.Join(names, ", ")
}

func (s screen) lastSeen() string {
	switch {
	case s.Revoked:
		return "revoked"
	case s.LastSeen == nil:
		return "never seen"
	}
	if ago := time.Since(*s.LastSeen); ago < 2*time.Minute { // it is written down once a minute
		return "in use"
	}
	return "last seen " + s.LastSeen.UTC().Format("2006-01-02 15:04 UTC")
}
