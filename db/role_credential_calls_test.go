package db_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

// credentialCalls is the part of calls that is about users and devices: who may do something, and where.
func (s tenants) credentialCalls() map[string]func(ctx context.Context) error {
	mine := s.mine
	return map[string]func(ctx context.Context) error{
		// A user is looked up before it is known whose it is; the restaurant comes with it, and is what decides.
		"User": func(ctx context.Context) error {
			u, err := s.db.User(ctx, s.user[mine])
			if err == nil && u.Restaurant != mine {
				err = fmt.Errorf("%+v", u)
			}
			return err
		},
		"Users": func(ctx context.Context) error {
			users, err := s.db.Users(ctx, []order.UserID{s.user[mine]})
			if err == nil && (len(users) != 1 || users[0].Restaurant != mine) {
				err = fmt.Errorf("%+v", users)
			}
			return err
		},
		"UserByName": func(ctx context.Context) error {
			u, err := s.db.UserByName(ctx, "cook0")
			if err == nil && u.Restaurant != mine {
				err = fmt.Errorf("%+v", u)
			}
			return err
		},
		// A device is looked up like a user. Which code belongs to which device, and who confirms it, is known before the restaurant is.
		"Devices":         func(ctx context.Context) error { _, err := s.pair(ctx, "Devices"); return err },
		"AskToPair":       func(ctx context.Context) error { _, err := s.pair(ctx, "AskToPair"); return err },
		"PairingWithCode": func(ctx context.Context) error { _, err := s.pair(ctx, "PairingWithCode"); return err },
		"PairingOf":       func(ctx context.Context) error { _, err := s.pair(ctx, "PairingOf"); return err },
		"Pair":            func(ctx context.Context) error { _, err := s.pair(ctx, "Pair"); return err },
		"SeenDevices": func(ctx context.Context) error {
			d, err := s.pair(ctx, "SeenDevices")
			if err == nil {
				err = s.db.SeenDevices(ctx, []order.DeviceID{d.ID})
			}
			if err == nil && s.id(`select (last_seen_at is not null)::text from kitchen.devices where id = $1`, d.ID) != "true" {
				err = errors.New("it was not written down")
			}
			return err
		},
		"RestaurantNames": func(ctx context.Context) error {
			names, err := s.db.RestaurantNames(ctx, []order.RestaurantID{s.mine})
			if err == nil && (len(names) != 1 || names[s.mine] == "") {
				err = fmt.Errorf("%v", names)
			}
			return err
		},
		"Stations": func(ctx context.Context) error {
			_, err := s.db.Stations(ctx, []order.RestaurantID{s.mine})
			return err
		},
		"OnlyRestaurant": func(ctx context.Context) error {
			if _, err := s.db.OnlyRestaurant(ctx); err == nil || db.Denied(err) { // there are two
				return fmt.Errorf("%v", err)
			}
			return nil
		},
		"Connected": func(ctx context.Context) error {
			all, err := s.db.Connected(ctx, s.mine)
			for _, c := range all {
				if c.Restaurant != s.mine {
					err = errors.Join(err, fmt.Errorf("%+v", c))
				}
			}
			return err
		},
		"AllDevices": func(ctx context.Context) error {
			all, err := s.db.AllDevices(ctx, s.mine)
			for _, d := range all {
				if d.Restaurant != s.mine {
					err = errors.Join(err, fmt.Errorf("%+v", d))
				}
			}
			return err
		},
		"Revoke": func(ctx context.Context) error { // a node takes no screen away
			if _, err := s.db.Revoke(ctx, s.mine, "Wall"); !db.Denied(err) {
				return fmt.Errorf("a node may revoke: %v", err)
			}
			return nil
		},
	}
}

// pair pairs a device with the restaurant.
func (s tenants) pair(ctx context.Context, name string) (d order.Device, err error) {
	code := "A" + name
	p := order.Pairing{Device: order.DeviceID(s.id(`select gen_random_uuid()::text`)), Code: codeHash(code)}
	if _, err = s.db.AskToPair(ctx, p, time.Minute); err != nil {
		return d, err
	}
	if _, err = s.db.PairingOf(ctx, p.Device); err != nil {
		return d, err
	}
	if _, err = s.db.PairingWithCode(ctx, p.Code); err != nil {
		return d, err
	}
	id, err := s.db.Pair(ctx, order.Confirmation{Code: code, Restaurant: s.mine, Name: name, Role: order.BoardRole, By: s.user[s.mine]})
	if err != nil {
		return d, err
	}
	all, err := s.db.Devices(ctx, []order.DeviceID{id})
	if err == nil && (len(all) != 1 || all[0].Restaurant != s.mine) {
		err = fmt.Errorf("%+v", all)
	}
	if err != nil {
		return d, err
	}
	return all[0], nil
}
