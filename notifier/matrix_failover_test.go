package notifier_test

import (
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/local"
)

// failover promotes a standby that lacks the last commits. The old primary dies, or lives on and is still listened to.
func failover(s *scene, dies bool) {
	link := faulttest.NewProxy(s, s.server.URL())
	standby := dbtest.Standby(s, s.server, link.URL)
	s.pool.Reset() // the primary was restarted on the way
	s.write(20, 2*time.Second)
	s.writers.Stop()
	id := s.query(`insert into orders (restaurant_id, notes) values ($1, 'one') returning id::text`, string(s.tenants[0].ID))
	done := s.query(`insert into orders (restaurant_id, notes) values ($1, 'done') returning id::text`, string(s.tenants[0].ID))
	s.replicated(standby)
	link.Blackhole.Store(true) // from here on, nothing reaches the standby
	s.exec(`update orders set notes = 'two' where id = $1`, id)
	s.exec(`update orders set status = 'completed' where id = $1`, done)
	d := s.displays[0]
	if !d.Until(waitLimit, func() bool { _, shown := d.Versions()[done]; return d.Versions()[id] == 2 && !shown }) {
		s.Fatalf("what is committed is not shown: %v", d.Versions())
	}
	old := s.nodes[0]
	if dies {
		if err := s.server.Halt(local.Immediate); err != nil {
			s.Fatal(err)
		}
	}
	s.promote(standby)
	old.pool.Redirect(s.T, standby.URL())
	old.pool.Cut()
	if dies {
		old.listen.Redirect(s.T, standby.URL())
		s.become(standby)
		s.heal()
	} else {
		s.until(d, false) // canaries go to the server that writers use, and do not arrive from the old one
		s.pause(s.lasts(time.Second, 10*time.Second))
		if d.IsLive() {
			s.Error("live, while it listens to a server where nobody writes")
		}
		old.listen.Redirect(s.T, standby.URL())
		old.listen.Cut()
		s.become(standby)
		s.heal()
	}
	if v := s.query(`select version::text from kitchen.order_versions where order_id = $1`, id); v != "1" {
		s.Errorf("nothing was lost in the failover: version %s", v)
	}
}
