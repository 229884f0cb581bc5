package db_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/db/tenant"
)

// calls is, for each method of DB, a call of it in the name of one restaurant with the ids of another's order: what it
// answers, where everything is right. A method that is not here fails the test.
func (s tenants) calls() map[string]func(ctx context.Context) error {
	mine, foreign := s.mine, s.open[s.other]
	only := func(orders []order.Order, want int) error {
		for _, o := range orders {
			if o.RestaurantID != mine {
				return fmt.Errorf("an order of another restaurant: %s", o.RestaurantID)
			}
		}
		if len(orders) != want {
			return fmt.Errorf("%d orders, want %d", len(orders), want)
		}
		return nil
	}
	calls := map[string]func(ctx context.Context) error{
		"Queues": func(ctx context.Context) error {
			queues, err := s.db.Queues(ctx, []order.RestaurantID{mine})
			if err != nil {
				return err
			}
			if len(queues) != 1 {
				return fmt.Errorf("%d queues", len(queues))
			}
			return only(queues[mine].Orders, 1)
		},
		"Orders": func(ctx context.Context) error {
			orders, err := s.db.Orders(ctx, []db.OrderKey{{Restaurant: mine, Order: s.open[mine]}, {Restaurant: mine, Order: foreign}})
			return errors.Join(err, only(orders, 1))
		},
		"Recent": func(ctx context.Context) error {
			orders, err := s.db.Recent(ctx, mine)
			return errors.Join(err, only(orders, 1))
		},
		"Fingerprints": func(ctx context.Context) error {
			prints, err := s.db.Fingerprints(ctx, []order.RestaurantID{mine})
			if err == nil && (len(prints) != 1 || prints[0].Restaurant.ID != mine || prints[0].Orders != 1) {
				err = fmt.Errorf("%+v", prints)
			}
			return err
		},
		"UpdateStatus": func(ctx context.Context) error {
			if _, err := s.db.UpdateStatus(ctx, order.StatusUpdate{Restaurant: mine, Order: foreign, Status: order.Ready}); !errors.Is(err, order.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			if got := s.id(`select status from orders where id = $1`, foreign); got != "pending" {
				return fmt.Errorf("another's order is %s", got)
			}
			got, err := s.db.UpdateStatus(ctx, order.StatusUpdate{Restaurant: mine, Order: s.open[mine], Status: order.Ready})
			if err == nil && got.Status != order.Ready {
				err = fmt.Errorf("%+v", got)
			}
			return err
		},
		"UpdateLines": func(ctx context.Context) error {
			if _, err := s.db.UpdateLines(ctx, order.LinesUpdate{Restaurant: mine, Order: foreign, Status: order.Ready}); !errors.Is(err, order.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			id := order.OrderID(s.id(`insert into orders (restaurant_id) values ($1) returning id::text`, mine))
			s.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, mine)
			s.exec(`insert into order_items (order_id, name, held, course) values ($1, 'Soup', false, 1), ($1, 'Cake', true, 2)`, id)
			defer s.exec(`delete from orders where id = $1`, id)
			defer s.exec(`delete from kitchen.stations where restaurant_id = $1`, mine)
			got, err := s.db.UpdateLines(ctx, order.LinesUpdate{Restaurant: mine, Order: id, Status: order.Ready})
			if err == nil && got.Status != order.Ready {
				err = fmt.Errorf("%+v", got)
			}
			if err != nil {
				return err
			}
			if got, err = s.db.Fire(ctx, mine, id, 2); err == nil && got.Status != order.Preparing {
				err = fmt.Errorf("fired: %+v", got)
			}
			return err
		},
		"Fire": func(ctx context.Context) error { // of one's own: with UpdateLines
			if _, err := s.db.Fire(ctx, mine, foreign, 1); !errors.Is(err, order.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			return nil
		},
		"SetDerivedStatus": func(ctx context.Context) error { return s.db.SetDerivedStatus(ctx, mine, foreign) },
		"UseReserved": func(ctx context.Context) error {
			foreign := s.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Theirs') returning id::text`, s.other)
			defer s.exec(`delete from kitchen.stations`)
			return s.db.UseReserved(ctx, func(conn *pgx.Conn) error {
				own := tenant.NewSetUp(conn, mine)
				grill, err := own.AddStation(ctx, "Grill", "prep")
				if err != nil {
					return err
				}
				err = errors.Join(own.ChangeStation(ctx, grill, "Barbecue", "prep"), own.OrderStations(ctx, []string{foreign, grill}),
					own.AddRoute(ctx, &grill, tenant.Match{Category: "meat"}), own.ChangeStation(ctx, foreign, "Mine", "prep"), own.DeleteStation(ctx, foreign))
				var refused *order.RefusedError
				if e := own.AddRoute(ctx, &foreign, tenant.Match{}); !errors.As(e, &refused) {
					err = errors.Join(err, fmt.Errorf("a route to another restaurant's station: %w", e))
				}
				k, e := own.Read(ctx)
				if e != nil || len(k.Stations) != 1 || k.Stations[0].Name != "Barbecue" || len(k.Routes) != 1 || len(k.Unrouted) != 1 {
					err = errors.Join(err, fmt.Errorf("%+v, %w", k, e))
				}
				w, e := own.Test(ctx, tenant.Match{Category: "meat"})
				if e != nil || len(w.Stations) != 1 || len(w.Deciding) != 1 {
					err = errors.Join(err, fmt.Errorf("%+v, %w", w, e))
				}
				if n := s.id(`select count(*)::text from kitchen.stations where name = 'Theirs'`); n != "1" {
					err = errors.Join(err, errors.New("another restaurant's station was changed"))
				}
				return errors.Join(err, own.DeleteRoute(ctx, k.Routes[0].ID), own.DeleteStation(ctx, grill))
			})
		},
		"ExchangeScreens": func(ctx context.Context) error {
			s.exec(`insert into kitchen.screens (node, restaurant_id, count) values ('another', $1, 2), ('another', $2, 3)`, mine, s.other)
			defer s.exec(`delete from kitchen.screens`)
			x := db.ScreensExchange{Node: "this", Own: map[order.RestaurantID]order.Screens{mine: {All: 1}}, Changed: []order.RestaurantID{mine},
				Watched: []order.RestaurantID{mine}, Kept: time.Minute}
			for range 2 {
				others, err := s.db.ExchangeScreens(ctx, x)
				if err == nil && (len(others.Of) != 1 || others.Of[mine].All != 2 || others.Change <= 0) {
					err = fmt.Errorf("%+v", others)
				}
				if err != nil {
					return err
				}
			}
			if got := s.id(`select string_agg(node || count, ' ' order by node, count) from kitchen.screens`); got != "another2 another3 this1" {
				return errors.New(got)
			}
			return nil
		},
		"NoteSightings": func(ctx context.Context) error {
			_, err := s.db.NoteSightings(ctx, "here", []order.Sighting{
				{Restaurant: mine, Order: s.open[mine], Version: 1, How: order.Painted}, {Restaurant: mine, Order: foreign, Version: 1, How: order.Painted}})
			if seen := s.id(`select count(*)::text from kitchen.sightings where restaurant_id <> $1`, mine); seen != "0" {
				err = errors.Join(err, errors.New("another's order was seen"))
			}
			return err
		},
		"Sightings": func(ctx context.Context) error {
			seen, err := s.db.Sightings(ctx, mine, foreign)
			if len(seen) > 0 {
				err = errors.Join(err, fmt.Errorf("%+v", seen))
			}
			return err
		},
		// The check is for all restaurants: an alarm names its own, and a node passes it on to the displays of that one.
		"CheckUnseen": func(ctx context.Context) error { _, _, err := s.db.CheckUnseen(ctx, "here", time.Second); return err },
		"Alarms":      func(ctx context.Context) error { _, err := s.db.Alarms(ctx); return err },
		// And so are posts to the one web hook.
		"AlarmPosts":  func(ctx context.Context) error { _, err := s.db.AlarmPosts(ctx); return err },
		"AlarmPosted": func(ctx context.Context) error { return s.db.AlarmPosted(ctx, 0) },
		// Of all restaurants, without anything of theirs.
		"TidyScreens":    s.db.TidyScreens,
		"Tidy":           func(ctx context.Context) error { _, err := s.db.Tidy(ctx, 100); return err },
		"CounterHolders": func(ctx context.Context) error { _, err := s.db.CounterHolders(ctx, time.Millisecond); return err },
		"LostTimezones":  func(ctx context.Context) error { _, err := s.db.LostTimezones(ctx); return err },
		"TriggerErrors":  func(ctx context.Context) error { _, err := s.db.TriggerErrors(ctx); return err },
		"Encoding":       func(ctx context.Context) error { _, err := s.db.Encoding(ctx); return err },
		// For an operator at a terminal, and for no display: it says whose order it is.
		"FindOrder": func(ctx context.Context) error {
			w, err := s.db.FindOrder(ctx, foreign)
			if err == nil && w.Restaurant != s.other {
				err = fmt.Errorf("%+v", w)
			}
			return err
		},
		"CheckSchema": s.db.CheckSchema,
		"Keys": func(context.Context) error {
			if k := s.db.Keys(); k != (order.Keys{Restaurant: order.UUID, Order: order.UUID, Line: order.UUID, User: order.UUID}) {
				return fmt.Errorf("%+v", k)
			}
			return nil
		},
		"Attached": func(ctx context.Context) error {
			attached, err := s.db.Attached(ctx)
			if attached {
				err = errors.Join(err, errors.New("its own tables are taken for another program's"))
			}
			return err
		},
		"CheckTriggers": func(ctx context.Context) error {
			wrong, err := s.db.CheckTriggers(ctx)
			if len(wrong) > 0 {
				err = fmt.Errorf("%v", wrong)
			}
			return err
		},
		"NotificationQueueUsage": func(ctx context.Context) error { _, err := s.db.NotificationQueueUsage(ctx); return err },
		// Of other roles' sessions it sees no more than that they are there.
		"Listeners":    func(ctx context.Context) error { _, _, _, err := s.db.Listeners(ctx); return err },
		"NotifyLock":   func(ctx context.Context) error { _, err := s.db.NotifyLock(ctx); return err },
		"QueueIndex":   func(ctx context.Context) error { _, err := s.db.QueueIndex(ctx); return err },
		"Pool":         func(ctx context.Context) error { return s.db.Pool().Ping(ctx) },
		"QueueHolders": func(ctx context.Context) error { _, err := s.db.QueueHolders(ctx, time.Minute); return err },
		"Notify":       func(ctx context.Context) error { return s.db.Notify(ctx, "kitchen_control_test", "x") },
		"Now":          func(ctx context.Context) error { _, err := s.db.Now(ctx); return err },
		"Reset":        func(context.Context) error { s.db.Reset(); return nil },
		"VersionsKept": func(ctx context.Context) error { _, err := s.db.VersionsKept(ctx); return err },
		// Of what migrates, it may look at whether there is anything in the way, and make what is there.
		"CheckMigratable": func(ctx context.Context) error { return s.db.CheckMigratable(ctx) },
		"MakeSchema":      func(ctx context.Context) error { return s.db.MakeSchema(ctx) },
		"Close":           func(context.Context) error { return nil }, // at the end of the test
	}
	maps.Copy(calls, s.credentialCalls())
	return calls
}
