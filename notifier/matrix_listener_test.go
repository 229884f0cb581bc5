package notifier_test

import (
	"fmt"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// signalBackend signals a process of the server, which is another user's: as root, or as that user.
func (s *scene) signalBackend(pid string, signal syscall.Signal) {
	s.Helper()
	n, err := strconv.Atoi(pid)
	if err == nil {
		err = syscall.Kill(n, signal)
	}
	if err != nil {
		s.Fatalf("signal backend %s: %v; run the tests as root or as the user who runs the server", pid, err)
	}
}

// relive is how long the displays were deaf, at most, since a moment.
func (s *scene) noteReturn(since time.Time) {
	s.all(true)
	s.remark = fmt.Sprintf("live again after %.2f s", time.Since(since).Seconds())
}

func listenerRows() []row {
	return []row{
		{fault: "F01", name: "the_listener's_backend_is_ended", inject: func(s *scene) {
			began := time.Now()
			s.exec(endListener)
			s.heal()
			for _, node := range s.nodes {
				node.logged.await(s.T, "connecting again")
			}
			s.noteReturn(began)
		}},
		{fault: "F02", name: "listeners_are_ended_again_and_again", inject: func(s *scene) {
			n := 0
			for end := time.Now().Add(s.lasts(time.Second, 20*time.Second)); time.Now().Before(end); n++ {
				s.exec(endListener)
				s.pause(time.Duration(50+s.rng.IntN(250)) * time.Millisecond)
			}
			s.remark = fmt.Sprintf("%d times", n)
		}},
		{fault: "F07", name: "the_listener's_backend_is_stopped_with_SIGSTOP", inject: func(s *scene) {
			pid := s.query(`select min(pid)::text from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`)
			began := time.Now()
			s.signalBackend(pid, syscall.SIGSTOP)
			s.Cleanup(func() {
				if n, err := strconv.Atoi(pid); err == nil {
					_ = syscall.Kill(n, syscall.SIGCONT)
				}
			})
			for s.nodes[0].n.Live() && s.nodes[1].n.Live() {
				s.pause(5 * time.Millisecond)
			}
			noticed := time.Since(began)
			s.all(true) // a new session, beside the one that is stopped
			s.pause(s.lasts(0, 20*time.Second-time.Since(began)))
			s.signalBackend(pid, syscall.SIGCONT)
			s.remark = fmt.Sprintf("noticed after %.2f s", noticed.Seconds())
		}},
		{fault: "F38", name: "idle_sessions_are_ended_after_half_a_second", inject: func(s *scene) {
			s.exec(`do $$ begin execute format('alter database %I set idle_session_timeout = ''500ms''', current_database()); end $$`)
			s.exec(endListener)
			for _, node := range s.nodes {
				_ = node.db.Reset()
				node.logged.await(s.T, "connecting again")
			}
			s.all(true)
			before, reads := s.nodes[0].logged.count("connecting again"), s.nodes[0].logged.count("cannot read")
			s.pause(s.lasts(3*time.Second, 20*time.Second))
			if again := s.nodes[0].logged.count("connecting again") - before; again > 0 {
				s.Errorf("connected again %d times because its own sessions were idle:\n%s", again, s.nodes[0].logged)
			}
			if failed := s.nodes[0].logged.count("cannot read") - reads; failed > 0 {
				s.Errorf("reads failed because the pool's sessions were idle:\n%s", s.nodes[0].logged)
			}
		}, harms: true},
		{fault: "F39", name: "notifications_are_forged", inject: func(s *scene) {
			control := s.query(`select min(query) from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`)
			_ = control
			for range s.lasts(200, 10_000) {
				for _, t := range s.tenants {
					s.exec(`select pg_notify('kitchen_' || $1, json_build_object('order_id', gen_random_uuid())::text)`, string(t.ID))
				}
			}
			foreign := s.query(`select id::text from orders where restaurant_id = $1 limit 1`, string(s.tenants[0].ID))
			for _, payload := range []string{foreign, "", "junk", `{"order_id":"` + foreign + `"}`, `{"type":"queue_changed"}`, "\x01\x02"} {
				s.exec(`select pg_notify('kitchen_' || $1, $2)`, string(s.tenants[1].ID), payload)
			}
		}},
		{fault: "F23", name: "500_foreign_sessions_listen_and_do_nothing", onDemand: true,
			settings: map[string]string{"max_connections": "600"}, harms: true, inject: func(s *scene) {
				var mu sync.Mutex
				var conns []*pgx.Conn
				var opening sync.WaitGroup
				for i := range 10 {
					opening.Go(func() {
						for range 50 {
							c, err := pgx.Connect(s.Context(), s.url)
							if err == nil {
								_, err = c.Exec(s.Context(), fmt.Sprintf(`listen "other_%d"`, i))
							}
							mu.Lock()
							if err != nil {
								s.Error(err)
							} else {
								conns = append(conns, c)
							}
							mu.Unlock()
						}
					})
				}
				opening.Wait()
				s.write(50, 10*time.Second)
				s.Cleanup(func() {
					for _, c := range conns {
						_ = c.Close(s.Context())
					}
				})
			}},
	}
}
