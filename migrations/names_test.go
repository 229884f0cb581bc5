package migrations_test

import "testing"

// A ticket shows the names of now, and once the table or the waiter has left the restaurant, the last ones: it never goes back
// to those that the order was written with. Nor does keeping them lock an order that the writer did not name.
func TestTicketKeepsTheNamesItLastRead(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]string{
		"deleted":                 `delete from tables;; delete from users`,
		"renamed and deleted":     `begin; update tables set label = 'T2'; delete from tables; commit;; update users set name = 'Ana'; delete from users`,
		"moved":                   `update tables set restaurant_id = $B;; update users set restaurant_id = $B`,
		"renamed while moving":    `update tables set restaurant_id = $B, label = 'T9';; update users set restaurant_id = $B, name = 'x'`,
		"moved, renamed, deleted": `update tables set restaurant_id = $B;; update users set restaurant_id = $B;; update tables set label = 'T9';; update users set name = 'x';; delete from tables;; delete from users`,
		"given other ids":         `update tables set id = gen_random_uuid();; update users set id = gen_random_uuid()`,
		"truncated":               `truncate tables;; truncate users cascade`,
		"twice":                   `delete from tables;; insert into tables (id, restaurant_id, label) values ($TABLE, $A, 'T2');; delete from tables;; delete from users`,
		"as a replica":            `set session_replication_role = replica; delete from tables;; delete from users`,
		"columns of the host":     `alter table users add label text default 'x';; alter table tables add name text default 'x';; delete from tables;; delete from users`,
		"announcements off":       `set kitchen.notify = off; delete from tables;; delete from users`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			if err := h.do(`
				insert into orders (restaurant_id, table_id, created_by) values ($A, $TABLE, $USER);;
				update tables set label = 'T2' where id = $TABLE;; update users set name = 'Ana' where id = $USER`); err != nil {
				t.Fatal(err)
			}
			if name == "twice" || name == "renamed and deleted" {
				if err := h.do(`update tables set label = 'T1'`); err != nil {
					t.Fatal(err)
				}
			}
			open := h.session()
			open.exec(`begin`)
			open.exec(`select from orders for update`)
			if err := h.do(`set lock_timeout = '3s';; ` + leave); err != nil {
				t.Fatal(err)
			}
			open.exec(`rollback`)
			if got := h.one(`select table_label || ' ' || created_by_name from kitchen.orders`); got != "T2 Ana" {
				t.Errorf("the ticket reads %s, want T2 Ana", got)
			}
			if err := h.do(`delete from restaurants;; select kitchen.tidy_order_changes(100)`); err != nil {
				t.Fatal(err)
			}
			if got := h.one(`select count(*)::text from kitchen.last_names`); got != "0" {
				t.Errorf("%s names of restaurants that are gone are kept", got)
			}
		})
	}
}
