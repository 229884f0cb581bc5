package notifier_test

import (
	"fmt"
	"slices"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
)

// networkRows are faults of the way between the first node and the server; the second node's is whole all the time.
func networkRows() []row {
	return []row{
		{fault: "F09", name: "half-open_both_ways", proxied: true, inject: func(s *scene) {
			deafen(s, func(on bool) {
				s.nodes[0].listen.Blackhole.Store(on)
				s.nodes[0].pool.Blackhole.Store(on)
			})
		}},
		{fault: "F09b", name: "half-open_listener_alone", proxied: true, inject: func(s *scene) {
			deafen(s, s.nodes[0].listen.Blackhole.Store)
		}},
		{fault: "F10", name: "deaf_one_way", proxied: true, inject: func(s *scene) {
			deafen(s, s.nodes[0].listen.BlackholeAnswers.Store)
		}},
		{fault: "F11", name: "one_notification_is_swallowed", proxied: true, sweep: true, inject: func(s *scene) {
			for i, what := range []string{"order_created", "order_status_changed", "order_updated", "order_deleted"} {
				s.nodes[0].listen.DropAnswer(`"type":"` + what)
				for deadline := time.Now().Add(waitLimit); !s.nodes[0].listen.Dropped(); s.pause(5 * time.Millisecond) {
					if time.Now().After(deadline) {
						s.Fatalf("no %s came", what)
					}
				}
				if i == 0 {
					s.heal()
				}
			}
		}},
		{fault: "F12", name: "connections_are_cut_without_a_word", proxied: true, inject: func(s *scene) {
			for range 5 {
				s.nodes[0].listen.Cut()
				s.nodes[0].pool.Cut()
				s.write(5, time.Second)
			}
		}},
		{fault: "F13", name: "slow_path_of_half_a_second", proxied: true, inject: func(s *scene) {
			most := s.lasts(100*time.Millisecond, 900*time.Millisecond)
			delay := func() time.Duration { return most/9 + time.Duration(time.Now().UnixNano())%(most*8/9) }
			s.nodes[0].listen.Delay.Store(&delay)
			before := s.nodes[0].listen.Accepted.Load()
			s.pause(s.lasts(2*time.Second, 20*time.Second))
			if again := s.nodes[0].listen.Accepted.Load() - before; again > 1 {
				s.Errorf("connected again %d times on a way that is slow and whole", again)
			}
			s.nodes[0].listen.Delay.Store(nil)
		}},
		{fault: "F13b", name: "one_byte_at_a_time", proxied: true, inject: func(s *scene) {
			s.nodes[0].listen.Piece.Store(1)
			s.nodes[0].pool.Piece.Store(1)
			s.write(30, 5*time.Second)
			s.exec(endListener)
			s.write(30, 5*time.Second)
			if !s.full { // other rows run beside it, and a busy machine has its hands full with a queue, byte by byte
				s.writers.Stop()
			}
			s.all(true)
		}},
		{fault: "F13c", name: "two_kilobytes_a_second", proxied: true, onDemand: true, inject: func(s *scene) {
			s.nodes[0].listen.Piece.Store(200)
			delay := func() time.Duration { return 100 * time.Millisecond }
			s.nodes[0].listen.Delay.Store(&delay)
			s.pause(20 * time.Second)
			s.nodes[0].listen.Delay.Store(nil)
		}},
		{fault: "F14", name: "answers_are_cut_in_the_middle", proxied: true, inject: func(s *scene) {
			times := 15
			if s.full {
				times = 200
			}
			node := s.nodes[0]
			for range times {
				for _, p := range []*faulttest.Proxy{node.listen, node.pool} {
					p.CutAfter.Store(1 + s.rng.Int64N(1500))
					p.Cut()
				}
				s.pause(20 * time.Millisecond)
				node.listen.CutAfter.Store(0)
				node.pool.CutAfter.Store(0)
				for deadline := time.Now().Add(waitLimit); !node.n.Live() && time.Now().Before(deadline); {
					s.pause(2 * time.Millisecond)
				}
			}
			s.remark = fmt.Sprintf("%d times", times)
		}},
		{fault: "F36", name: "reads_answer_in_any_order", proxied: true, inject: func(s *scene) {
			delay := func() time.Duration { return time.Duration(time.Now().UnixNano()) % (50 * time.Millisecond) }
			s.nodes[0].pool.Delay.Store(&delay)
			s.write(100, 10*time.Second)
			s.nodes[0].pool.Delay.Store(nil)
		}},
		{fault: "F45", name: "one_node_is_deaf_and_displays_change_nodes", proxied: true, inject: func(s *scene) {
			a, b := s.nodes[0], s.nodes[1]
			d := faulttest.NewDisplay("traveller", s.tenants[0])
			s.displays = append(s.displays, d)
			a.listen.Blackhole.Store(true)
			s.until(s.displays[0], false)
			seen := map[string]int64{}
			for i := range 6 {
				node := []*sceneNode{b, a}[i%2]
				subscription := node.n.Subscribe(d.Tenant.ID, subscriber{d})
				subscription.Refresh()
				if !d.Until(waitLimit, d.Connected) {
					s.Fatal("no snapshot")
				}
				// Nothing that the display has seen may be older on the other node, deaf or not.
				for id, version := range d.Versions() {
					if version < seen[id] {
						s.Errorf("on another node, order %s went from version %d to %d", id, seen[id], version)
					}
					seen[id] = version
				}
				s.write(5, time.Second)
				for id, version := range d.Versions() {
					seen[id] = max(seen[id], version)
				}
				subscription.Unsubscribe()
				d.Disconnect()
			}
			subscription := b.n.Subscribe(d.Tenant.ID, subscriber{d})
			subscription.Refresh()
			a.listen.Blackhole.Store(false)
		}},
	}
}

// deafen makes the first node deaf for a while: its displays learn in time that they are not live, and those of the other node stay live.
func deafen(s *scene, hole func(bool)) {
	s.Helper()
	began := time.Now()
	hole(true)
	var noticed time.Duration
	for i, d := range s.displays {
		if i%2 == 0 {
			s.until(d, false)
			noticed = max(noticed, time.Since(began))
		}
	}
	// Where reads fail too, displays may hear of that before the node knows that it is deaf.
	if n := s.nodes[0].n; !dbtest.Poll(waitLimit, func() bool {
		return slices.Contains(n.Trouble(), "notifications of the database do not arrive") && !n.Live()
	}) {
		s.Errorf("the deaf node says of itself: live %t, %v", n.Live(), n.Trouble())
	}
	if s.full && noticed > 3*time.Second+3*s.pace { // a canary each second, which is waited for for two; and what a message takes on this machine
		s.Errorf("it took %v to notice", noticed)
	}
	s.pause(s.lasts(200*time.Millisecond, 30*time.Second-noticed))
	for i, d := range s.displays {
		if i%2 == 1 && !d.IsLive() {
			s.Errorf("%s is on a node that receives notifications, and was sent live:false", d.Name)
		}
	}
	hole(false)
	s.heal()
	s.remark = fmt.Sprintf("noticed after %.2f s", noticed.Seconds())
}
