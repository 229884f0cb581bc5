package notifier_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// The server that accepted a user learns what has changed of the user, and that changes may have been missed, while nobody watches any
// restaurant.
func TestChangedAndPossiblyMissedUsersAreReported(t *testing.T) {
	t.Parallel()
	reported := make(chan string, 100)
	k := start(t, dbtest.New(t), notifier.Config{Users: func(changed []order.UserID) {
		reported <- fmt.Sprint(changed)
	}})
	next := func() string {
		t.Helper()
		select {
		case is := <-reported:
			return is
		case <-time.After(waitLimit):
			t.Fatal("nothing was reported")
			return ""
		}
	}
	everybody, r := "[]", k.restaurant()
	user := k.id(`insert into users (restaurant_id, username) values ($1, 'anna') returning id::text`, r)
	if is := next(); is != everybody {
		t.Errorf("at the start: %s", is)
	}
	for _, change := range []string{`update users set is_active = false`, `update users set role = 'viewer'`, `delete from users`} {
		k.exec(change)
		if is := next(); is != "["+user+"]" {
			t.Errorf("%s: reported %s", change, is)
		}
	}
	// Forged or garbled, it is a hint nevertheless.
	for _, payload := range []string{`{"type":"users_changed"}`, `rubbish`, ``, `{"user_id":7}`, `{"user_id":"no key"}`, `[]`, `null`,
		`{"user_id":"` + strings.Repeat("x", 7000) + `"}`} {
		k.exec(`select pg_notify('kitchen_users', $1)`, payload)
		if is := next(); is != everybody {
			t.Errorf("%.40s: reported %s", payload, is)
		}
	}
	k.exec(`select pg_notify('kitchen_users', '{"user_id":"7"}')`)
	if is := next(); is != "[7]" {
		t.Errorf("a key that is no uuid: reported %s", is)
	}
	k.exec(`select pg_notify('kitchen_users', '{"user_id":"' || upper($1) || '"}')`, user)
	if is := next(); is != "["+user+"]" {
		t.Errorf("an id in upper case: reported %s", is)
	}
	// Changes while the listener is away are not received.
	k.exec(endListener)
	if is := next(); is != everybody {
		t.Errorf("after a reconnect: %s", is)
	}
	r2 := k.restaurant()
	k.order(r2)
	if s, _ := k.watch(r2); !slices.Contains(s.said(), "initial_queue") {
		t.Error("restaurants are not watched beside")
	}
}
