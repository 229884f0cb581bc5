package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// selectDevice leaves out devices of deleted restaurants: where these are in another program's tables, no foreign key deletes ours.
const selectDevice = `
	select d.id::text, d.restaurant_id::text, d.name, d.role, ` + itsBoard + `, d.pass_hash, d.created_at, d.last_seen_at, d.revoked_at is not null
	  from kitchen.devices d join kitchen.restaurants r on r.id = d.restaurant_id `

// itsBoard selects the stations that the board of device d was paired to show, without those that were deleted since.
const itsBoard = `(
	  select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'kind', s.kind) order by s.position, s.name), '[]')
	    from kitchen.stations s where s.id = any (d.stations) and s.restaurant_id = d.restaurant_id)`

// Devices looks devices up by id in one query. It returns those that exist, in any order, including revoked ones.
func (db *DB) Devices(ctx context.Context, ids []order.DeviceID) (devices []order.Device, err error) {
	ids = possible(ids, order.UUID)
	err = db.askUsers(ctx, func() (err error) {
		devices, err = readRows(ctx, db, scanDevice, selectDevice+`where d.id = any($1::text[]::uuid[])`, texts(ids))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d devices: %w", len(ids), err)
	}
	return devices, nil
}

// AllDevices reads the devices of a restaurant, or of all where none is named, without those that were revoked long ago.
func (db *DB) AllDevices(ctx context.Context, restaurant order.RestaurantID) (devices []order.Device, err error) {
	devices, err = readRows(ctx, db, scanDevice, selectDevice+`
		 where ($1::text = '' or d.restaurant_id::text = $1::text) and (d.revoked_at is null or d.revoked_at > now() - interval '30 days')
		 order by d.restaurant_id, d.revoked_at is not null, lower(d.name), d.created_at`, string(restaurant))
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return devices, nil
}

func scanDevice(row pgx.CollectableRow) (d order.Device, err error) {
	var hash []byte
	var seen *time.Time
	if err = row.Scan(&d.ID, &d.Restaurant, &d.Name, &d.Role, &d.Stations, &hash, &d.Created, &seen, &d.Revoked); err != nil {
		return d, err
	}
	if seen != nil {
		d.LastSeen = *seen
	}
	copy(d.Token[:], hash)
	return d, nil
}

// SeenDevices records that devices are in use.
func (db *DB) SeenDevices(ctx context.Context, ids []order.DeviceID) error {
	if err := db.pool.QueryRow(ctx, `select kitchen.see_devices($1::text[]::uuid[])::text`, texts(possible(ids, order.UUID))).Scan(nil); err != nil {
		return fmt.Errorf("note that %d devices were seen: %w", len(ids), err)
	}
	return nil
}

// AskToPair stores a code that waits to be confirmed, and returns when it expires. [order.ErrTooMany] where too many wait already.
func (db *DB) AskToPair(ctx context.Context, p order.Pairing, life time.Duration) (expires time.Time, err error) {
	var until *time.Time
	err = db.pool.QueryRow(ctx, `select kitchen.ask_to_pair($1::text::uuid, $2::bytea, $3::bytea, $4::text, $5::float8 * interval '1 second')`,
		string(p.Device), p.Code[:], p.Token[:], p.From, life.Seconds()).Scan(&until)
	switch {
	case err != nil:
		return expires, fmt.Errorf("ask to pair: %w", err)
	case until == nil:
		return expires, order.ErrTooMany
	}
	return *until, nil
}

// PairingWithCode finds the device that shows a code. order.ErrNotFound where none shows it now.
func (db *DB) PairingWithCode(ctx context.Context, code order.TokenHash) (order.Pairing, error) {
	return onePairing(db.pool.QueryRow(ctx, selectPairing+`where p.code_hash = $1 and p.expires_at > now()`, code[:]))
}

// PairingOf finds a waiting device by id. order.ErrNotFound where it was confirmed, or its code has expired.
func (db *DB) PairingOf(ctx context.Context, id order.DeviceID) (order.Pairing, error) {
	return onePairing(db.pool.QueryRow(ctx, selectPairing+`where p.device_id = $1::text::uuid and p.expires_at > now()`, string(id)))
}

const selectPairing = `
	select p.device_id::text, p.code_hash, p.pass_hash, p.asked_from, p.asked_at, p.expires_at from kitchen.pairings p `

func onePairing(row pgx.Row) (p order.Pairing, err error) {
	var code, pass []byte
	err = row.Scan(&p.Device, &code, &pass, &p.From, &p.Asked, &p.Expires)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, order.ErrNotFound
	}
	if err != nil {
		return p, fmt.Errorf("look for a screen that pairs: %w", err)
	}
	copy(p.Code[:], code)
	copy(p.Token[:], pass)
	return p, nil
}

// Pair confirms a code: the device that shows it then belongs to the restaurant. order.ErrNotFound where no screen shows the code now; an
// [*order.RefusedError] where the database says what is wrong.
func (db *DB) Pair(ctx context.Context, c order.Confirmation) (id order.DeviceID, err error) {
	err = db.pool.QueryRow(ctx, `select kitchen.pair($1::text, $2::text::kitchen.restaurant_key, $3::text, $4::text, nullif($5::text, '')::kitchen.user_key, $6::text[])::text`,
		c.Code, string(c.Restaurant), c.Name, c.Role, string(c.By), append([]string{}, c.Stations...)).Scan(&id)
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return id, nil
	case !errors.As(err, &pg):
		return "", fmt.Errorf("pair a screen: %w", err)
	case pg.Code == "P0002": // no_data_found
		return "", order.ErrNotFound
	case pg.Code == "23505", pg.Code == "23503": // unique_violation, foreign_key_violation
		reason := pg.Message
		if pg.Hint != "" {
			reason += ": " + strings.ToLower(pg.Hint[:1]) + pg.Hint[1:]
		}
		return "", &order.RefusedError{Reason: reason}
	case pg.Code == "22021", pg.Code == "22P05": // character_not_in_repertoire, untranslatable_character
		return "", &order.RefusedError{Reason: "the name has characters that the database cannot keep: give another one"}
	case pg.ConstraintName == "devices_stations_on_board":
		return "", &order.RefusedError{Reason: "a pick-up screen shows no station: give none, or the role kitchen"}
	case pg.Code == "23514": // check_violation
		return "", &order.RefusedError{Reason: "a screen's name has 1 to 60 characters, and its role is kitchen or screen"}
	}
	return "", fmt.Errorf("pair a screen: %w", err)
}

// Revoke revokes the tokens of devices with this name or id, in one restaurant or, where none is named, in all. It returns the
// devices that it revoked.
func (db *DB) Revoke(ctx context.Context, restaurant order.RestaurantID, nameOrID string) ([]order.Device, error) {
	rows, err := db.pool.Query(ctx, `
		update kitchen.devices d set revoked_at = now()
		 where d.revoked_at is null and ($1::text = '' or d.restaurant_id::text = $1::text) and (lower(d.name) = lower($2::text) or d.id::text = lower($2::text))
		returning d.id::text, d.restaurant_id::text, d.name, d.role, `+itsBoard+`, d.pass_hash, d.created_at, d.last_seen_at, true`, string(restaurant), nameOrID)
	if err != nil {
		return nil, fmt.Errorf("revoke a screen: %w", err)
	}
	devices, err := pgx.CollectRows(rows, scanDevice)
	if err != nil {
		return nil, fmt.Errorf("revoke a screen: %w", err)
	}
	return devices, nil
}
