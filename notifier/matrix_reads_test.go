package notifier_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"kitchen/db/dbtest/faulttest"
	"kitchen/db/order"
)

// readRows are faults of reading: errors, empty answers, locks, and races whose steps are held where they matter.
func readRows() []row {
	return []row{
		{fault: "F31", name: "reads_come_back_empty", proxied: true, inject: func(s *scene) {
			role := fmt.Sprintf("node_%x", s.rng.Uint64())
			for statement := range strings.SplitSeq(forReading(role), ";") {
				s.exec(statement) // in one transaction their locks could meet those of a read, and everybody waits for deadlock_timeout
			}
			s.Cleanup(func() {
				s.exec(`reassign owned by ` + role + ` to current_user; drop owned by ` + role + `; drop role ` + role)
			})
			node := s.node(asRole(s.T, s.url, role), false, row{}.config)
			d, _ := s.join(node, s.tenants[0])
			s.until(d, true)
			for _, fault := range []struct{ inject, heal string }{
				{`alter table orders enable row level security; alter table orders force row level security`, `alter table orders disable row level security`},
				{`revoke select on kitchen.lines from ` + role, `grant select on kitchen.lines to ` + role},
				{`alter role ` + role + ` set search_path = pg_temp`, `alter role ` + role + ` reset search_path`},
				{`alter table order_items rename to elsewhere`, `alter table elsewhere rename to order_items`},
			} {
				if strings.Contains(fault.inject, "rename") {
					continue // writers would fail, too; a test of its own has it
				}
				before := len(d.Versions())
				s.exec(fault.inject)
				s.exec(`select pg_notify('kitchen_' || $1, '{"type":"queue_changed"}')`, string(s.tenants[0].ID))
				if !strings.Contains(fault.inject, "search_path") {
					s.until(d, false)
					if _, lost := len(d.Versions()), before; lost > 0 && len(d.Versions()) == 0 {
						s.Error("an empty read cleared the screen")
					}
				}
				s.exec(fault.heal)
				s.exec(`select pg_notify('kitchen_' || $1, '{"type":"queue_changed"}')`, string(s.tenants[0].ID))
				s.until(d, true)
			}
		}},
		{fault: "F32", name: "reads_after_a_reconnect_fail", proxied: true, inject: func(s *scene) {
			node := s.nodes[0]
			for _, n := range []int{1, 3, 10} {
				node.pool.CutAt("from kitchen.order_rows", n)
				s.exec(endListener)
				for deadline := time.Now().Add(waitLimit); node.pool.CutsLeft() > 0; s.pause(2 * time.Millisecond) {
					if time.Now().After(deadline) {
						s.Fatalf("%d of %d reads have not been made", node.pool.CutsLeft(), n)
					}
				}
				s.heal()
				s.all(true)
			}
		}},
		{fault: "F33", name: "orders_are_locked", harms: true, inject: func(s *scene) {
			s.exec(fmt.Sprintf(`begin; lock table orders in access exclusive mode; select pg_sleep(%f); commit`,
				s.lasts(2500*time.Millisecond, 10*time.Second).Seconds()))
			s.heal()
			if lost := s.nodes[0].logged.count("connecting again"); lost > 0 {
				s.Errorf("the listener connected again because reads were blocked:\n%s", s.nodes[0].logged)
			}
		}},
		{fault: "F33b", name: "fifty_cooks_wait_for_a_locked_order", inject: func(s *scene) {
			// An order that somebody holds, and who would change it waits: on the pool that reads are made with.
			id := s.query(`insert into orders (restaurant_id, notes) values ($1, $2) returning id::text`, string(s.tenants[0].ID), s.tenants[0].Canary)
			tx, err := s.pool.Begin(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			if _, err := tx.Exec(s.Context(), `select from orders where id = $1 for update`, id); err != nil {
				s.Fatal(err)
			}
			var cooks sync.WaitGroup
			for range 50 {
				cooks.Go(func() {
					ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
					defer cancel()
					_, _ = s.nodes[0].db.UpdateStatus(ctx, order.StatusUpdate{Restaurant: s.tenants[0].ID, Order: order.OrderID(id), Status: "ready"})
				})
			}
			s.pause(s.lasts(3*time.Second, 10*time.Second))
			if err := tx.Rollback(s.Context()); err != nil {
				s.Error(err)
			}
			s.heal()
			cooks.Wait()
			if lost := s.nodes[0].logged.count("connecting again"); lost > 0 {
				s.Errorf("the listener connected again because cooks waited:\n%s", s.nodes[0].logged)
			}
		}},
		{fault: "F34", name: "writes_between_the_steps_of_joining", proxied: true, inject: func(s *scene) {
			for _, held := range []struct {
				text   string
				answer bool
				listen bool
			}{{"listen \"kitchen_", false, true}, {"listen \"kitchen_", true, true}, {"from kitchen.order_rows", false, false}, {"from kitchen.order_rows", true, false}} {
				for _, write := range joinWrites() {
					race(s, held.text, held.answer, held.listen, write, func(tenant *faulttest.Tenant) {
						d, _ := s.join(s.nodes[0], tenant)
						_ = d
					})
				}
			}
		}},
		{fault: "F35", name: "writes_between_the_steps_of_reconnecting", proxied: true, inject: func(s *scene) {
			for _, held := range []struct {
				text   string
				answer bool
				listen bool
			}{{"pg_is_in_recovery", false, true}, {"listen \"kitchen_node_", true, true}, {"listen \"kitchen_", false, true},
				{"listen \"kitchen_", true, true}, {"from kitchen.order_rows", false, false}, {"from kitchen.order_rows", true, false}} {
				for _, write := range joinWrites() {
					race(s, held.text, held.answer, held.listen, write, func(*faulttest.Tenant) { s.nodes[0].listen.Cut() })
				}
			}
		}},
	}
}

// joinWrites are the changes that are made while something is held up.
func joinWrites() []string {
	return []string{
		`insert into orders (restaurant_id, notes) values ('%[1]s', '%[2]s between')`,
		`update orders set status = 'completed' where restaurant_id = '%[1]s' and notes = '%[2]s first'`,
		`delete from orders where restaurant_id = '%[1]s' and notes = '%[2]s first'`,
		`update orders set restaurant_id = '%[3]s', notes = '%[4]s moved' where restaurant_id = '%[1]s' and notes = '%[2]s first'`,
	}
}

// race starts something on the first node, holds it up at one step, writes, and lets it go on.
func race(s *scene, text string, answer, listen bool, write string, begin func(*faulttest.Tenant)) {
	s.Helper()
	tenant, other := s.tenants[0], s.tenants[1]
	s.exec(fmt.Sprintf(`delete from orders where notes like '%s first'; insert into orders (restaurant_id, notes) values ('%s', '%s first')`,
		tenant.Canary, tenant.ID, tenant.Canary))
	proxy := s.nodes[0].pool
	if listen {
		proxy = s.nodes[0].listen
	}
	var gate *faulttest.Gate
	if answer {
		gate = proxy.HoldAnswer(text)
	} else {
		gate = proxy.Hold(text)
	}
	defer gate.Release()
	begin(tenant)
	select {
	case <-gate.Reached:
		s.exec(fmt.Sprintf(write, tenant.ID, tenant.Canary, other.ID, other.Canary))
	case <-time.After(300 * time.Millisecond): // that step is not made here: the statement is prepared, or nothing has to be read
		s.exec(fmt.Sprintf(write, tenant.ID, tenant.Canary, other.ID, other.Canary))
	}
	gate.Release()
	s.all(true)
}
