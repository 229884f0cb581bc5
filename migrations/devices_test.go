package migrations_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// devicePromises is what the triggers on kitchen.devices promise, each from one device "wall" of restaurant A.
var devicePromises = []struct {
	name, sql string
	want      []string
}{
	{"revoked", `update kitchen.devices set revoked_at = now()`, []string{"wall"}},
	{"another role", `update kitchen.devices set role = 'screen'`, []string{"wall"}},
	{"moved", `update kitchen.devices set restaurant_id = $B`, []string{"wall"}},
	{"deleted", `delete from kitchen.devices`, []string{"wall"}},
	{"with its restaurant", `delete from restaurants where id = $A`, []string{"wall"}},
	{"truncated", `truncate kitchen.devices`, []string{"users_changed"}},
	{"silenced", `set kitchen.notify = off; update kitchen.devices set revoked_at = now()`, []string{"wall"}},
	{"as a replica", `set session_replication_role = replica; update kitchen.devices set revoked_at = now()`, []string{"wall"}},
	{"seen", `select kitchen.see_devices(array(select id from kitchen.devices))`, nil},
	{"renamed", `update kitchen.devices set name = 'Door'`, nil},
	{"rolled back", `begin; delete from kitchen.devices; rollback`, nil},
}

func TestNodesHearOfDevicesAtOnce(t *testing.T) {
	t.Parallel()
	const wall = "00000000-0000-4000-8000-000000000001"
	h := &house{T: t, url: dbtest.New(t), a: "00000000-0000-4000-8000-00000000000a", b: "00000000-0000-4000-8000-00000000000b"}
	ear := dbtest.Conn(t, h.url)
	if _, err := ear.Exec(t.Context(), `listen kitchen_users; listen sentinel`); err != nil {
		t.Fatal(err)
	}
	received := func() (all []string) {
		h.sentinel++
		if err := h.do(fmt.Sprintf(`notify sentinel, '%d'`, h.sentinel)); err != nil {
			h.Fatal(err)
		}
		for {
			ctx, cancel := context.WithTimeout(h.Context(), 20*time.Second)
			n, err := ear.WaitForNotification(ctx)
			cancel()
			switch {
			case err != nil:
				h.Fatal(err)
			case n.Channel == "sentinel" && n.Payload == fmt.Sprint(h.sentinel):
				return all
			case n.Channel == "sentinel":
			case n.Payload == `{"type":"device_changed","device_id":"`+wall+`"}`:
				all = append(all, "wall")
			case n.Payload == `{"type":"users_changed"}`:
				all = append(all, "users_changed")
			default:
				all = append(all, n.Payload)
			}
		}
	}
	for _, p := range devicePromises {
		if err := h.do(`
			delete from restaurants;; delete from kitchen.devices;;
			insert into restaurants (id, name) values ($A, 'A'), ($B, 'B');;
			insert into kitchen.devices (id, restaurant_id, name, pass_hash) values ('` + wall + `', $A, 'wall', sha256(''))`); err != nil {
			t.Fatal(err)
		}
		received()
		if err := h.do(p.sql); err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		if got := received(); !slices.Equal(got, p.want) {
			t.Errorf("%s: received %q, want %q", p.name, got, p.want)
		}
	}
}
