package notifier_test

import (
	"fmt"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/local"
)

// serverRows are faults of the server, which is the row's own.
func serverRows() []row {
	own := map[string]string{"synchronous_commit": "on"} // a crash of the server, not of the machine, loses nothing then
	return []row{
		{fault: "F03", name: "another_backend_is_killed", settings: own, harms: true, inject: func(s *scene) {
			conn, err := pgx.Connect(s.Context(), s.url)
			if err != nil {
				s.Fatal(err)
			}
			s.signalBackend(fmt.Sprint(conn.PgConn().PID()), syscall.SIGKILL)
			_, _ = conn.Exec(s.Context(), `select 1`)
			_ = conn.Close(s.Context())
			s.pool.Reset()
			s.answers()
			s.pool.Reset()
			s.heal()
		}},
		{fault: "F04", name: "the_server_crashes", settings: own, harms: true, inject: func(s *scene) {
			s.restart(local.Immediate)
		}},
		{fault: "F05", name: "the_server_restarts", settings: own, harms: true, inject: func(s *scene) {
			began := time.Now()
			if err := s.server.Halt(local.Fast); err != nil {
				s.Fatal(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				s.Errorf("a fast shutdown took %v", took)
			}
			s.restart(local.Fast)
		}},
		{fault: "F05b", name: "a_smart_shutdown_waits_for_the_listener", settings: own, harms: true, inject: func(s *scene) {
			if err := syscall.Kill(s.server.PID(), syscall.SIGTERM); err != nil {
				s.Fatal(err)
			}
			s.pause(s.lasts(500*time.Millisecond, 30*time.Second)) // it waits for its clients: then it is made to be fast
			s.restart(local.Fast)
		}},
		{fault: "F06", name: "a_long_outage", settings: own, harms: true, proxied: true, inject: func(s *scene) {
			if err := s.server.Halt(local.Fast); err != nil {
				s.Fatal(err)
			}
			s.all(false)
			s.pause(3 * time.Second) // until the pauses between attempts have grown
			lasts := s.lasts(4*time.Second, 90*time.Second)
			listener, pool := s.nodes[0].listen.Accepted.Load(), s.nodes[0].pool.Accepted.Load()
			s.pause(lasts)
			a := float64(s.nodes[0].listen.Accepted.Load()-listener) / lasts.Seconds()
			b := float64(s.nodes[0].pool.Accepted.Load()-pool) / lasts.Seconds()
			if a > 4 || b > 30 { // pgx dials twice an attempt
				s.Errorf("the listener tried %.1f times a second, the pool %.1f times", a, b)
			}
			s.remark = fmt.Sprintf("%.1f attempts to connect a second by the listener, %.1f by the pool", a, b)
			s.restart(local.Fast)
		}},
		{fault: "F17", name: "a_failover_that_lost_commits", settings: map[string]string{"wal_level": "replica", "synchronous_commit": "on"},
			proxied: true, harms: true, unheard: true, inject: func(s *scene) { failover(s, true) }},
		{fault: "F18", name: "the_old_primary_lives_on", settings: map[string]string{"wal_level": "replica", "synchronous_commit": "on"},
			proxied: true, harms: true, unheard: true, inject: func(s *scene) { failover(s, false) }},
		{fault: "F16", name: "the_address_of_a_standby", settings: map[string]string{"wal_level": "replica", "synchronous_commit": "on"},
			harms: true, inject: func(s *scene) {
				standby := dbtest.Standby(s, s.server, s.server.URL())
				s.pool.Reset() // the primary was restarted on the way
				node := s.node(standby.URL(), false, row{}.config)
				d, _ := s.join(node, s.tenants[0])
				node.logged.await(s.T, "standby")
				if !d.Until(waitLimit, d.Connected) || d.IsLive() || node.n.Live() {
					s.Error("a display of a standby gets its queue, and is not live")
				}
				s.writers.Stop()
				s.promote(standby)
				s.become(standby)
				s.heal()
			}},
		{fault: "F19", name: "a_synchronous_standby_is_missing", settings: map[string]string{"wal_level": "replica", "synchronous_commit": "on"},
			harms: true, inject: func(s *scene) {
				s.exec(`alter system set synchronous_standby_names = 'nobody'`)
				s.exec(`select pg_reload_conf()`)
				s.nodes[0].logged.await(s.T, "writes are blocked")
				s.pause(s.lasts(time.Second, 10*time.Second))
				s.exec(`alter system reset synchronous_standby_names`)
				s.exec(`select pg_reload_conf()`)
				s.heal()
				s.nodes[0].logged.await(s.T, "not blocked any more")
				if lost := s.nodes[0].logged.count("connecting again"); lost > 0 {
					s.Errorf("blocked writes were taken for deafness:\n%s", s.nodes[0].logged)
				}
			}},
		{fault: "F20", name: "the_notification_queue_is_full", newer: true, sweep: true,
			settings: map[string]string{"max_notify_queue_pages": "64"}, inject: func(s *scene) {
				laggard := dbtest.Conn(s, s.url)
				for _, sql := range []string{`set application_name = 'report of the night'`, `listen "other"`, `begin`, `select 1`} {
					if _, err := laggard.Exec(s.Context(), sql); err != nil {
						s.Fatal(err)
					}
				}
				s.pause(s.lasts(300*time.Millisecond, 6*time.Second)) // who is in a transaction for no time holds nothing up
				for n := 0; ; n++ {                                   // until a sender is refused
					if _, err := s.pool.Exec(s.Context(), `select pg_notify('other', repeat('x', 7000) || $1)`, fmt.Sprint(n)); err != nil {
						break
					}
				}
				s.noticed("the server's notification queue is full")
				s.named(s.nodes, laggard.PgConn().PID(), "report of the night", "idle in transaction")
				s.write(20, 5*time.Second)
				if _, err := laggard.Exec(s.Context(), `rollback`); err != nil {
					s.Fatal(err)
				}
				_ = laggard.Close(s.Context())
				s.heal()
				s.all(true)
				s.remark += fmt.Sprintf("; live again after %.1f s", time.Since(s.healed).Seconds())
				if took := time.Since(s.healed); took > 12*time.Second {
					s.Errorf("it took %v until the queue was moved on", took)
				}
			}},
		{fault: "F21", name: "a_foreign_client_stops_reading", settings: own, inject: func(s *scene) { stopReading(s, nil) }},
		{fault: "F21b", name: "a_foreign_client_stops_reading_until_the_queue_fills_up", newer: true, sweep: true,
			settings: map[string]string{"max_notify_queue_pages": "64"}, inject: func(s *scene) { stopReading(s, s.nodes) }},
		{fault: "F22", name: "orders_are_rejected_at_commit", settings: map[string]string{"wal_level": "replica", "synchronous_commit": "on"},
			harms: true, inject: func(s *scene) {
				s.exec(`alter system set synchronous_standby_names = 'nobody'`)
				s.exec(`select pg_reload_conf()`)
				s.nodes[0].logged.await(s.T, "writes are blocked")
				rejected := 0
				for range 5 {
					_, err := s.pool.Exec(s.Context(), fmt.Sprintf(`begin; set local lock_timeout = '300ms';
						insert into orders (restaurant_id, notes) values ('%s', 'rejected'); commit`, s.tenants[0].ID))
					if err != nil {
						rejected++
					}
				}
				s.exec(`alter system reset synchronous_standby_names`)
				s.exec(`select pg_reload_conf()`)
				s.heal()
				s.remark = fmt.Sprintf("%d of 5 orders rejected", rejected)
			}},
		{fault: "F29", name: "a_crash_forgets_asynchronous_commits", settings: map[string]string{"synchronous_commit": "off", "wal_writer_delay": "10s"},
			harms: true, unheard: true, inject: func(s *scene) {
				s.writers.Stop()
				s.exec(`set synchronous_commit = on; insert into orders (restaurant_id, notes) values ('` + string(s.tenants[0].ID) + `', 'kept'); reset synchronous_commit`)
				lost := s.query(`insert into orders (restaurant_id, notes) values ($1, 'lost') returning id::text`, string(s.tenants[0].ID))
				d := s.displays[0]
				if !d.Until(waitLimit, func() bool { _, shown := d.Versions()[lost]; return shown }) {
					s.Fatal("what was committed is not shown")
				}
				s.restart(local.Immediate)
				if s.query(`select count(*)::text from orders where id = $1`, lost) != "0" {
					s.remark = "the server lost nothing"
				}
			}},
		{fault: "F37", name: "no_connections_are_left", settings: map[string]string{"max_connections": "40"}, harms: true, inject: func(s *scene) {
			var taken []*pgx.Conn
			s.exec(endListener)
			for {
				c, err := pgx.Connect(s.Context(), s.url)
				if err != nil {
					break
				}
				taken = append(taken, c)
			}
			s.exec(endListener)
			s.pause(s.lasts(time.Second, 20*time.Second))
			for _, c := range taken {
				_ = c.Close(s.Context())
			}
			s.heal()
		}},
		{fault: "F37b", name: "the_database_lets_nobody_in", settings: own, harms: true, inject: func(s *scene) {
			admin := dbtest.Conn(s, s.server.DatabaseURL("postgres"))
			for _, sql := range []string{
				`alter database kitchen with allow_connections false`,
				`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'kitchen'`,
			} {
				if _, err := admin.Exec(s.Context(), sql); err != nil {
					s.Fatal(err)
				}
			}
			s.all(false)
			s.pause(s.lasts(time.Second, 20*time.Second))
			if _, err := admin.Exec(s.Context(), `alter database kitchen with allow_connections true`); err != nil {
				s.Fatal(err)
			}
			s.heal()
			s.pool.Reset()
		}},
	}
}
