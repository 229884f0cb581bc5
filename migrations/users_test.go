package migrations_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// userPromises is what the triggers on users promise. Each starts from ana and ben of restaurant A, active, kitchen; "ana"
// in what is wanted stands for a user_changed with her id.
var userPromises = []struct {
	name, sql string
	want      []string
}{
	{name: "deactivated", want: []string{"ana"}, sql: `update users set is_active = false where username = 'ana'`},
	{name: "reactivated", want: []string{"ana", "ana"}, sql: `
		update users set is_active = false where username = 'ana';; update users set is_active = true where username = 'ana'`},
	{name: "moved to another restaurant", want: []string{"ana"}, sql: `update users set restaurant_id = $B where username = 'ana'`},
	{name: "another role", want: []string{"ana"}, sql: `update users set role = 'viewer' where username = 'ana'`},
	{name: "deleted", want: []string{"ana"}, sql: `delete from users where username = 'ana'`},
	{name: "given another id", want: []string{"ana"}, sql: `update users set id = gen_random_uuid() where username = 'ana'`},
	{name: "two, of whom one changes", want: []string{"ben"}, sql: `update users set role = case username when 'ben' then 'owner' else role end`},
	{name: "all in one statement", want: []string{"ana", "ben"}, sql: `update users set is_active = false`},
	{name: "twice in one transaction", want: []string{"ana"}, sql: `
		begin; update users set role = 'viewer' where username = 'ana'; update users set is_active = false where username = 'ana'; commit`},
	{name: "inserted", sql: `insert into users (restaurant_id, username) values ($A, 'cem')`},
	{name: "another name", sql: `update users set name = 'Anastasia', username = 'anastasia' where username = 'ana'`},
	{name: "nothing changed", sql: `update users set is_active = is_active, role = role, restaurant_id = restaurant_id`},
	{name: "nobody", sql: `update users set is_active = false where false;; delete from users where false`},
	{name: "a column of another program", sql: `alter table users add phone text;; update users set phone = '1'`},
	{name: "rolled back", sql: `begin; delete from users; rollback;; begin; savepoint s; update users set is_active = false; rollback to s; commit`},
	{name: "upserted", want: []string{"ana"}, sql: `
		insert into users (restaurant_id, username) values ($A, 'ana') on conflict (username) do update set is_active = false`},
	{name: "upserted without a change", sql: `
		insert into users (restaurant_id, username) values ($A, 'ana') on conflict (username) do update set name = 'Ana';;
		insert into users (restaurant_id, username) values ($A, 'ana') on conflict do nothing`},
	{name: "50", want: slices.Repeat([]string{"user_changed"}, 50), sql: `
		insert into users (restaurant_id, username) select $B, 'u' || n from generate_series(1, 50) n;;
		update users set is_active = false where restaurant_id = $B`},
	{name: "51", want: []string{"users_changed"}, sql: `
		insert into users (restaurant_id, username) select $B, 'u' || n from generate_series(1, 51) n;;
		update users set is_active = false where restaurant_id = $B`},
	{name: "20,000 by a plan made for one, of whom none changes", want: []string{"ana"}, sql: `
		insert into users (restaurant_id, username) select $B, 'u' || n from generate_series(1, 20000) n;;
		update users set role = 'viewer' where username = 'ana';; update users set name = 'x'`},
	{name: "51 deleted", want: []string{"users_changed"}, sql: `
		insert into users (restaurant_id, username) select $B, 'u' || n from generate_series(1, 51) n;;
		delete from users where restaurant_id = $B`},
	{name: "truncated", want: []string{"users_changed"}, sql: `truncate users cascade`},
	{name: "with its restaurant", want: []string{"ana", "ben"}, sql: `delete from restaurants where id = $A`},
	{name: "as a replica", want: []string{"ana"}, sql: `
		set session_replication_role = replica; update users set is_active = false where username = 'ana'`},
	// An administrator's bulk load is silent on orders; nobody's access ends in silence.
	{name: "silenced", want: []string{"ana"}, sql: `set kitchen.notify = off; update users set is_active = false where username = 'ana'`},
}

func TestNodesHearOfUsersAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	ear := dbtest.Conn(t, url)
	if _, err := ear.Exec(t.Context(), `listen kitchen_users; listen sentinel`); err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, url: url, pool: dbtest.Pool(t, url), a: "00000000-0000-4000-8000-00000000000a", b: "00000000-0000-4000-8000-00000000000b"}
	ids := map[string]string{"00000000-0000-4000-8000-000000000001": "ana", "00000000-0000-4000-8000-000000000002": "ben"}
	received := func() (names []string) {
		h.sentinel++
		if err := h.do(fmt.Sprintf(`notify sentinel, '%d'`, h.sentinel)); err != nil {
			h.Fatal(err)
		}
		for {
			ctx, cancel := context.WithTimeout(h.Context(), 20*time.Second)
			n, err := ear.WaitForNotification(ctx)
			cancel()
			if err != nil {
				h.Fatal(err)
			}
			if n.Channel == "sentinel" {
				if n.Payload == fmt.Sprint(h.sentinel) {
					return names
				}
				continue
			}
			var p struct {
				Type   string `json:"type"`
				UserID string `json:"user_id"`
			}
			if err := json.Unmarshal([]byte(n.Payload), &p); err != nil || strings.Contains(n.Payload, " ") {
				h.Errorf("payload %q: %v", n.Payload, err)
			}
			switch {
			case p.Type == "user_changed" && ids[p.UserID] != "":
				names = append(names, ids[p.UserID])
			case (p.Type == "user_changed") != (len(p.UserID) == 36):
				h.Errorf("payload %q", n.Payload)
			default:
				names = append(names, p.Type)
			}
		}
	}
	for _, p := range userPromises {
		t.Run(p.name, func(t *testing.T) {
			h.T = t
			if err := h.do(`
				delete from restaurants; alter table users drop column if exists phone;
				insert into restaurants (id, name) values ($A, 'A'), ($B, 'B');
				insert into users (id, restaurant_id, username) values
				  ('00000000-0000-4000-8000-000000000001', $A, 'ana'), ('00000000-0000-4000-8000-000000000002', $A, 'ben')`); err != nil {
				t.Fatal(err)
			}
			received()
			if err := h.do(p.sql); err != nil {
				t.Fatal(err)
			}
			got := received()
			slices.Sort(got)
			if !slices.Equal(got, p.want) {
				t.Errorf("received %q, want %q", got, p.want)
			}
		})
	}
}
