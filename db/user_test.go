package db_test

import (
	"errors"
	"slices"
	"testing"

	"kitchen/db/order"
)

func TestUsersAreFoundByIDAndName(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	id := order.UserID(f.id(`insert into users (restaurant_id, username, role, is_active) values ($1, 'ana', 'viewer', false) returning id::text`, r))
	want := order.User{ID: id, Restaurant: r, Username: "ana", Name: "ana", Role: "viewer"}
	for _, look := range []func() (order.User, error){
		func() (order.User, error) { return f.db.User(t.Context(), id) },
		func() (order.User, error) { return f.db.UserByName(t.Context(), "ana") },
	} {
		if got, err := look(); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := f.db.UserByName(t.Context(), "nobody"); !errors.Is(err, order.ErrNotFound) {
		t.Error(err)
	}
}

// Another program may have a table of users, too, with these very columns: who somebody is, its mapping says.
func TestUsersOfAnAttachedHostAreFoundByTheNameOfItsMapping(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	id := order.UserID(f.id(`insert into users (restaurant_id, username, name, role) values ($1, 'ana', 'Ana', 'owner') returning id::text`, r))
	f.exec(`create table kitchen.mapping (name text); -- which is what tells that a mapping is installed
		create or replace view kitchen.users as select u.id, u.restaurant_id, 'Chef ' || u.name as name, 'viewer'::text as role, u.is_active from users u`)
	if got, err := f.db.UserByName(t.Context(), "Chef Ana"); err != nil || got.ID != id || got.Role != "viewer" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.db.UserByName(t.Context(), "ana"); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("the host's own table says %+v, %v", got, err)
	}
}

func TestUsersAreFoundManyAtATime(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	var ids []order.UserID
	for _, name := range []string{"anna", "bob", "cid"} {
		ids = append(ids, order.UserID(f.id(`insert into users (restaurant_id, username, role, is_active)
			values ($1, $2, 'cashier', $2 <> 'bob') returning id::text`, r, name)))
	}
	users, err := f.db.Users(t.Context(), append(ids[:2:2], "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"))
	if err != nil || len(users) != 2 {
		t.Fatalf("%+v, %v", users, err)
	}
	for _, u := range users {
		if want := (order.User{ID: u.ID, Restaurant: r, Username: u.Username, Name: u.Username, Role: "cashier", Active: u.Username != "bob"}); u != want ||
			!slices.Contains(ids[:2], u.ID) {
			t.Errorf("got %+v, want %+v", u, want)
		}
	}
	// Tokens of other systems name users of other kinds: nobody is found for them, and the others are.
	users, err = f.db.Users(t.Context(), []order.UserID{"42", ids[0], "somebody", ""})
	if err != nil || len(users) != 1 || users[0].ID != ids[0] {
		t.Errorf("beside ids that cannot be: %+v, %v", users, err)
	}
	if users, err := f.db.Users(t.Context(), nil); err != nil || len(users) != 0 {
		t.Errorf("nobody: %+v, %v", users, err)
	}
}
