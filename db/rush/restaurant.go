package rush

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// Restaurant is where a rush takes place.
type Restaurant struct {
	ID      order.RestaurantID
	Name    string
	Display order.UserID // a user for whom a display of this restaurant may be opened; empty where it has none

	Stations []string // their names, in their order
}

func readRestaurant(ctx context.Context, conn *pgx.Conn, sql *statements, id order.RestaurantID) (Restaurant, error) {
	r := Restaurant{ID: id}
	err := conn.QueryRow(ctx, sql.restaurant, string(id)).Scan(&r.Name, &r.Display)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fmt.Errorf("restaurant %s: %w", id, order.ErrNotFound)
	}
	if err != nil {
		return r, fmt.Errorf("read the restaurant: %w", err)
	}
	return r, nil
}

// makeDemo makes the demo restaurant, or what is missing of it. What is there already stays as it is.
func makeDemo(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		demo, batch := demoContent(), &pgx.Batch{}
		batch.Queue(`insert into restaurants (id, name, timezone) values ($1::uuid, $2, $3) on conflict do nothing`,
			string(DemoID), demoName, demoTimezone)
		for i, u := range demo.users {
			batch.Queue(`insert into users (id, restaurant_id, username, name, role)
				values ($1::uuid, $2::uuid, $3, $4, $5) on conflict do nothing`,
				demoRowID(1, i), string(DemoID), u.username, u.name, u.role)
		}
		for i, label := range demo.tables {
			batch.Queue(`insert into tables (id, restaurant_id, label) values ($1::uuid, $2::uuid, $3)
				on conflict do nothing`, demoRowID(2, i), string(DemoID), label)
		}
		for i, m := range demo.menu {
			batch.Queue(`insert into menu_items (id, restaurant_id, name, kitchen_name, category)
				values ($1::uuid, $2::uuid, $3, nullif($4, ''), $5) on conflict (id) do update set category = excluded.category
				 where menu_items.category is null`,
				demoRowID(3, i), string(DemoID), m.name, m.kitchenName, m.category())
		}
		for i, o := range demo.options {
			batch.Queue(`insert into modifier_options (id, restaurant_id, name, kind)
				values ($1::uuid, $2::uuid, $3, nullif($4, '')) on conflict do nothing`,
				demoRowID(4, i), string(DemoID), o.name, o.kind)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

// demoRowID gives the rows of the demo restaurant the same ids in every database: what is there is found again.
func demoRowID(table, n int) string { return fmt.Sprintf("cafe0000-0000-4000-800%d-%012x", table, n+1) }

// carte is what can be ordered in a restaurant, by whom, and where it is eaten.
type carte struct {
	dishes  []dish
	options []option
	tables  []string // ids
	waiters []string // ids
	phrases phrases
}

type dish struct {
	id     *string // nil for one that is not on the menu
	name   string
	course course
}

type option struct {
	id      string
	name    string
	courses []course // nil where it is not known what it goes with: then it goes with anything
}

// goesWith reports whether a guest might ask for this with a dish of that course.
func (o option) goesWith(c course) bool {
	return o.courses == nil || c == other || slices.Contains(o.courses, c)
}

func readCarte(ctx context.Context, conn *pgx.Conn, sql *statements, id order.RestaurantID) (carte, error) {
	demo, batch := demoContent(), &pgx.Batch{}
	c := carte{phrases: demoPhrases()}
	batch.Queue(sql.dishes, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.dishes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (dish, error) {
			d := dish{id: new(string)}
			err := row.Scan(d.id, &d.name)
			d.course = demo.courseOf(d.name)
			return d, err
		})
		return err
	})
	batch.Queue(sql.options, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.options, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (option, error) {
			var o option
			err := row.Scan(&o.id, &o.name)
			o.courses = demo.coursesOf(o.name)
			return o, err
		})
		return err
	})
	ids := func(rows pgx.Rows, into *[]string) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}
	batch.Queue(sql.tables, string(id)).Query(func(rows pgx.Rows) error { return ids(rows, &c.tables) })
	batch.Queue(sql.waiters, string(id)).Query(func(rows pgx.Rows) error { return ids(rows, &c.waiters) })
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return c, fmt.Errorf("read the menu: %w", err)
	}
	if len(c.dishes) == 0 { // lines need no menu: they have names of their own
		for _, m := range demo.menu {
			c.dishes = append(c.dishes, dish{name: m.name, course: m.course})
		}
	}
	return c, nil
}
