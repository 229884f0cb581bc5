package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// another is one more user of a restaurant.
func (h house) another(t *testing.T, username string) house {
	t.Helper()
	h.username = username
	h.user = order.UserID(h.ask(t, `insert into users (restaurant_id, username) values ($1::text::uuid, $2) returning id::text`,
		string(h.restaurant), username))
	return h
}

// The whole life of a credential: what is written about a user holds on sockets that are open, at once.
func TestUserWhoChangesIsClosedOrLimitedWithinASecond(t *testing.T) {
	url := dbtest.New(t)
	h, elsewhere := newHouse(t, url, "stays"), newHouse(t, url, "elsewhere")
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...) // only the database connects the two
	users := map[string]house{"stays": h}
	for _, name := range []string{"fired", "deleted", "moved", "demoted"} {
		users[name] = h.another(t, name)
	}
	displays := map[string][]*frames{}
	for name, user := range users {
		for _, n := range []*served{one, two} {
			d := open(t, n, h, user.token(t))
			d.next()
			displays[name] = append(displays[name], d)
		}
	}
	id := string(h.order(t, ""))
	for _, all := range displays {
		for _, d := range all {
			d.next()
		}
	}

	fastest := time.Hour
	for name, c := range map[string]struct {
		sql  string
		code int
	}{
		"fired":   {`update users set is_active = false where username = 'fired'`, 4001},
		"deleted": {`delete from users where username = 'deleted'`, 4001},
		"moved":   {fmt.Sprintf(`update users set restaurant_id = '%s' where username = 'moved'`, elsewhere.restaurant), 4003},
	} {
		execute(t, h, c.sql)
		began := time.Now()
		for _, d := range displays[name] {
			if got := d.closed(); got != c.code {
				t.Errorf("%s: closed with %d, want %d", name, got, c.code)
			}
		}
		took := time.Since(began)
		fastest = min(fastest, took)
		t.Logf("%s: closed %v after the commit", name, took)
		if took > 5*time.Second { // a busy machine's second
			t.Errorf("%s: closed %v after the commit", name, took)
		}
	}
	if fastest > time.Second {
		t.Errorf("none was closed within a second; the first took %v", fastest)
	}

	for _, c := range []struct{ role, code string }{{"viewer", "forbidden"}, {"kitchen", "conflict"}} {
		execute(t, h, `update users set role = $1 where username = 'demoted'`, c.role)
		for _, d := range displays["demoted"] {
			until(t, "a display is answered as a "+c.role, func() bool { // no message says what its role is
				// A version that is wrong: nothing ever changes.
				a := d.ask(fields{"type": "update_status", "order_id": id, "status": "ready", "version": 9})
				if a["code"] != "forbidden" && a["code"] != "conflict" && a["code"] != "rate_limited" {
					t.Fatalf("as a %s it is answered %v", c.role, a)
				}
				return a["code"] == c.code
			})
		}
	}
	execute(t, h, `update orders set status = 'ready'`)
	for _, name := range []string{"stays", "demoted"} {
		for _, d := range displays[name] {
			if m := d.next(); m["type"] != "order_status_changed" {
				t.Errorf("%s received %v", name, m)
			}
		}
	}
}

// A change that is announced while a node receives nothing, or that is not announced, takes effect nevertheless.
func TestUserWhoChangesUnheardIsClosedAllTheSame(t *testing.T) {
	t.Parallel()
	t.Run("while the node is deaf", func(t *testing.T) {
		url := dbtest.New(t)
		h := newHouse(t, url, "ana")
		n := startServe(t, append(onDatabase(url), "KITCHEN_USER_CHECK=1h")...) // which is not what finds out
		d := open(t, n, h, h.token(t))
		d.next()
		execute(t, h, `begin; set local kitchen.notify = off; alter table users disable trigger user; update users set is_active = false;
			alter table users enable trigger user; alter table users enable always trigger kitchen_watch_update; commit`)
		execute(t, h, `select pg_terminate_backend(pid) from pg_stat_activity
			where application_name = 'kitchen-listener' and datname = current_database()`)
		if got := d.closed(); got != 4001 {
			t.Errorf("closed with %d", got)
		}
	})
	t.Run("without a trigger", func(t *testing.T) {
		url := dbtest.New(t)
		h := newHouse(t, url, "ana")
		n := startServe(t, append(onDatabase(url), "KITCHEN_USER_CHECK=200ms")...)
		d := open(t, n, h, h.token(t))
		d.next()
		execute(t, h, `alter table users disable trigger user; delete from users`)
		if got := d.closed(); got != 4001 {
			t.Errorf("closed with %d", got)
		}
	})
}

// Any role that may connect to the database can send a notification that users changed. It closes no display, and does not keep the node
// busy.
func TestForgedChangesOfUsersCloseNobody(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, onDatabase(url)...)
	d := open(t, n, h, h.token(t))
	d.next()
	before := h.ask(t, `select xact_commit::text from pg_stat_database where datname = current_database()`)
	began := time.Now()
	for range 20 {
		execute(t, h, `select pg_notify('kitchen_users', case i % 4 when 0 then '{"type":"users_changed"}' when 1 then 'rubbish' || i
			when 2 then format('{"type":"user_changed","user_id":"%s"}', $1::text) else format('{"user_id":"%s"}', gen_random_uuid()) end)
			from generate_series(1, 500) i`, string(h.user))
	}
	h.order(t, "still at work")
	if m := d.next(); m["type"] != "order_created" {
		t.Errorf("received %v", m)
	}
	took := time.Since(began)
	execute(t, h, `select pg_stat_force_next_flush()`)
	after := h.ask(t, `select (xact_commit - $1::text::bigint)::text from pg_stat_database where datname = current_database()`, before)
	t.Logf("10,000 forged notifications in %v: %s transactions of everybody", took, after)
	if n, err := strconv.Atoi(after); err != nil || n > 1000 {
		t.Errorf("10,000 forged notifications cost %s transactions", after)
	}
	if s, _ := n.get(t, "/readyz"); s != 200 {
		t.Errorf("readyz answers %d", s)
	}
}

// A credential is renewed on the open socket, also by another user of the restaurant; one that is not renewed ends.
func TestCredentialOfAnOpenSocketIsRenewedOrEnds(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, onDatabase(url)...)
	sign := func(u house, expires time.Time) string {
		token, err := credential.SignToken([]byte(testSecret), u.user, expires)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	bea := h.another(t, "bea")
	expires := time.Now().Add(3 * time.Second).Truncate(time.Second)
	ends, goesOn, handedOver := open(t, n, h, sign(h, expires)), open(t, n, h, sign(h, expires)), open(t, n, h, sign(h, expires))
	for _, d := range []*frames{ends, goesOn, handedOver} {
		d.next()
	}
	later := time.Now().Add(time.Hour)
	for d, user := range map[*frames]house{goesOn: h, handedOver: bea} {
		if a := d.ask(fields{"type": "authenticate", "token": sign(user, later)}); a["type"] != "authenticated" {
			t.Errorf("renewal: %v", a)
		}
	}
	if got := ends.closed(); got != 4001 {
		t.Errorf("closed with %d", got)
	}
	if late := time.Since(expires); late < 0 || late > 5*time.Second {
		t.Errorf("closed %v after the expiry", late)
	}
	// From now on it is bea's display, and no longer ana's.
	execute(t, h, `update users set is_active = false where username = 'ana'`)
	if got := goesOn.closed(); got != 4001 {
		t.Errorf("closed with %d", got)
	}
	h.order(t, "still there")
	if m := handedOver.next(); m["type"] != "order_created" {
		t.Errorf("received %v", m)
	}
	execute(t, h, `delete from users where username = 'bea'`)
	if got := handedOver.closed(); got != 4001 {
		t.Errorf("closed with %d", got)
	}
}
