// Package tenant adds restaurants, users and stations to the kitchen's own tables, for people who set a database up. It needs the rights
// of the tables' owner, and refuses a database whose restaurants and users belong to another program.
package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/charset"
	"kitchen/db/order"
)

var (
	// ErrAttached says that the restaurants and users of this database are another program's.
	ErrAttached = errors.New("this database is attached to another program's tables: add restaurants and users in that program")
	// ErrNotMigrated says that the database lacks the tables.
	ErrNotMigrated = errors.New("nothing of this program is in this database. " + db.Begin)
)

// Tenants is a connection to a database that can be written to.
type Tenants struct {
	conn     *pgx.Conn
	attached bool // the restaurants and users are another program's; only stations and routes are in the kitchen's own tables
}

// Open connects. It returns [ErrAttached] or [ErrNotMigrated] where nothing could be added.
func Open(ctx context.Context, url string) (*Tenants, error) {
	t, err := OpenStations(ctx, url)
	if err == nil && t.attached {
		return nil, errors.Join(ErrAttached, t.Close(context.WithoutCancel(ctx)))
	}
	return t, err
}

// OpenStations connects for stations and routes, also where the restaurants are another program's.
func OpenStations(ctx context.Context, url string) (*Tenants, error) {
	conn, err := db.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	var attached, migrated bool
	err = conn.QueryRow(ctx, `
		select to_regclass('kitchen.mapping') is not null,
		       to_regclass('public.restaurants') is not null and to_regclass('public.users') is not null`).Scan(&attached, &migrated)
	switch {
	case err != nil:
		err = fmt.Errorf("look for the tables: %w", err)
	case !attached && !migrated:
		err = ErrNotMigrated
	default:
		return &Tenants{conn, attached}, nil
	}
	return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

// Close ends the connection.
func (t *Tenants) Close(ctx context.Context) error { return t.conn.Close(ctx) }

// AddRestaurant makes a restaurant. The time zone is a name like Europe/Rome.
func (t *Tenants) AddRestaurant(ctx context.Context, name, timezone string) (id order.RestaurantID, err error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", errors.New("a restaurant needs a name")
	}
	var known bool
	if err := t.conn.QueryRow(ctx, `select exists (select from pg_catalog.pg_timezone_names where name = $1)`, timezone).Scan(&known); err != nil {
		return "", fmt.Errorf("look the time zone up: %w", err)
	}
	if !known {
		return "", fmt.Errorf("the database knows no time zone %.40q: give a name like Europe/Rome or America/New_York", timezone)
	}
	err = t.conn.QueryRow(ctx, `insert into public.restaurants (name, timezone) values ($1, $2) returning id::text`, name, timezone).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("add the restaurant: %w", advise(err))
	}
	return id, nil
}

// Restaurant is one line of the list of restaurants.
type Restaurant struct {
	ID             order.RestaurantID
	Name, Timezone string
}

// Restaurants lists all of them, by name.
func (t *Tenants) Restaurants(ctx context.Context) ([]Restaurant, error) {
	rows, _ := t.conn.Query(ctx, `select id::text, coalesce(name::text, ''), coalesce(timezone::text, '') from kitchen.restaurants order by name, id`) // the error is the rows'
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Restaurant])
	if err != nil {
		return nil, fmt.Errorf("list restaurants: %w", advise(err))
	}
	return all, nil
}

// User is a user in whose name a display can be opened.
type User struct {
	ID             order.UserID
	Restaurant     order.RestaurantID
	Username, Role string
	Active         bool
}

// AddUser adds a user to a restaurant. Where none is named, the database must have only one.
func (t *Tenants) AddUser(ctx context.Context, restaurant order.RestaurantID, username, role string) (id order.UserID, err error) {
	if username = strings.TrimSpace(username); username == "" {
		return "", errors.New("a user needs a name to be called by")
	}
	if restaurant, err = t.only(ctx, restaurant); err != nil {
		return "", err
	}
	err = t.conn.QueryRow(ctx, `insert into public.users (restaurant_id, username, role) values ($1::text::uuid, $2, $3) returning id::text`,
		string(restaurant), username, role).Scan(&id)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == "23505": // unique_violation
		return "", fmt.Errorf("there is a user %q already: choose another name", username)
	case err != nil:
		return "", fmt.Errorf("add the user: %w", advise(err))
	}
	return id, nil
}

// only returns the named restaurant or, where none was named, the only one.
func (t *Tenants) only(ctx context.Context, named order.RestaurantID) (order.RestaurantID, error) {
	all, err := t.Restaurants(ctx)
	switch {
	case err != nil:
		return "", err
	case named != "" && !slices.ContainsFunc(all, func(r Restaurant) bool { return r.ID == named }):
		return "", fmt.Errorf("there is no restaurant %s: %s", named, t.showsIDs())
	case named != "":
		return named, nil
	case len(all) == 0 && t.attached:
		return "", errors.New("there is no restaurant yet: add it in the program whose tables these are")
	case len(all) == 0:
		return "", errors.New("there is no restaurant yet: kitchen restaurant add NAME")
	case len(all) > 1:
		return "", fmt.Errorf("there are %d restaurants: say which one with --restaurant ID; %s", len(all), t.showsIDs())
	}
	return all[0].ID, nil
}

func (t *Tenants) showsIDs() string {
	if t.attached {
		return "select id, name from kitchen.restaurants shows the ids"
	}
	return "kitchen restaurant list shows the ids"
}

// Users lists all users, by restaurant and name.
func (t *Tenants) Users(ctx context.Context) ([]User, error) {
	rows, _ := t.conn.Query(ctx, `
		select id::text, restaurant_id::text, username, role, is_active from public.users order by restaurant_id, username`) // the error is the rows'
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[User])
	if err != nil {
		return nil, fmt.Errorf("list users: %w", advise(err))
	}
	return all, nil
}

// advise says what to do about a name that is not UTF-8 or that the database's encoding lacks, and about a role that may not write,
// such as the one that `kitchen serve` uses.
func advise(err error) error {
	if charset.IsNoText(err) {
		return errors.New("the name has characters that the database cannot keep: give another one")
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" { // insufficient_privilege
		return fmt.Errorf("%w: connect as the owner of the tables, not as the role of serve", err)
	}
	return err
}
