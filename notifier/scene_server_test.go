package notifier_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/local"
)

// stopReading has a client listen and never read, and another be idle in a transaction in which it may not. Their sessions
// are found and named: by those who ask, and by nodes whose server's queue fills up; then ended, as an operator would.
func stopReading(s *scene, nodes []*sceneNode) {
	s.Helper()
	connect := func(name string, statements ...string) uint32 {
		cfg, err := pgx.ParseConfig(s.url)
		if err != nil {
			s.Fatal(err)
		}
		cfg.RuntimeParams["application_name"] = name
		conn, err := pgx.ConnectConfig(s.Context(), cfg)
		if err != nil {
			s.Fatal(err)
		}
		s.Cleanup(func() { _ = conn.Close(context.Background()) })
		for _, sql := range statements {
			if _, err := conn.Exec(s.Context(), sql); err != nil {
				s.Fatal(err)
			}
		}
		return conn.PgConn().PID()
	}
	stopped := connect("till that hangs", `listen "other"`)
	flood := func(until string, args ...any) {
		for n := 0; s.query(until, args...) != "true"; n++ {
			if n > 5000 {
				s.Fatal("a client that does not read takes 35 MB")
			}
			s.exec(`select pg_notify('other', repeat('x', 7000) || $1)`, fmt.Sprint(n))
		}
	}
	s.pause(s.lasts(300*time.Millisecond, 6*time.Second)) // who has listened for no time holds nothing up
	// Until the kernel takes no more for the client, and only from there on does anybody hold the queue up.
	flood(`select exists (select from pg_stat_activity where pid = $1 and wait_event = 'ClientWrite')::text`, stopped)
	idle := connect("import that hangs", `listen "other"`, `begin`, `select 1`)
	if nodes != nil {
		flood(`select (pg_notification_queue_usage() >= 0.4)::text`)
	}
	s.pause(s.lasts(300*time.Millisecond, 10*time.Second))
	holders, err := s.truth.QueueHolders(s.Context(), s.lasts(200*time.Millisecond, 5*time.Second))
	if err != nil {
		s.Fatal(err)
	}
	text := fmt.Sprint(holders)
	for _, want := range []string{
		fmt.Sprintf(`process %d ("till that hangs") of`, stopped), "waits for ClientWrite",
		fmt.Sprintf(`process %d ("import that hangs") of`, idle), "idle in transaction",
	} {
		if !strings.Contains(text, want) {
			s.Errorf("the health query does not say %q: %s", want, text)
		}
	}
	if len(holders) == 0 || uint32(holders[0].PID) != stopped {
		s.Errorf("the session whose client does not read is not the first: %s", text)
	}
	s.named(nodes, stopped, "till that hangs", "ClientWrite")
	for _, pid := range []uint32{stopped, idle} {
		s.exec(`select pg_terminate_backend($1)`, pid)
	}
	s.heal()
	for deadline := time.Now().Add(waitLimit); s.query(`select (pg_notification_queue_usage() < 0.1)::text`) != "true"; s.pause(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatal("the queue does not move on when the sessions that are named have been ended")
		}
	}
	s.remark = "named: " + holders[0].String()
}

// named waits until nodes say in their logs who holds the notification queue up.
func (s *scene) named(nodes []*sceneNode, pid uint32, application, state string) {
	s.Helper()
	for _, node := range nodes {
		node.logged.await(s.T, fmt.Sprintf("held_up_by=\"process %d (", pid))
		for _, want := range []string{application, state} {
			node.logged.await(s.T, want)
		}
	}
}

// restart brings the server back, whatever state it is in.
func (s *scene) restart(mode local.Mode) {
	s.Helper()
	if err := s.server.Restart(s.Context(), mode); err != nil {
		s.Fatal(err)
	}
	s.heal()
	s.pool.Reset()
	s.answers()
}

// answers waits until the server does: it restarts by itself, and nothing signals it.
func (s *scene) answers() {
	s.Helper()
	for deadline := time.Now().Add(waitLimit); ; s.pause(10 * time.Millisecond) {
		err := s.pool.Ping(s.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.Fatal(err)
		}
	}
}

func (s *scene) promote(standby *local.Server) {
	s.Helper()
	conn := dbtest.Conn(s, standby.URL())
	promoted := false
	if err := conn.QueryRow(s.Context(), `select pg_promote()`).Scan(&promoted); err != nil || !promoted {
		s.Fatalf("promote: %t, %v", promoted, err)
	}
}

// become makes another server the truth, to which the second node, which stays with the old one, does not belong.
func (s *scene) become(server *local.Server) {
	s.Helper()
	s.pool = dbtest.Pool(s, server.URL())
	s.truth.Close()
	var err error
	if s.truth, err = openDB(s, server.URL()); err != nil {
		s.Fatal(err)
	}
	keep := s.nodes[len(s.nodes)-1]
	if s.nodes[0].listen != nil {
		keep = s.nodes[0]
	}
	var displays []*faulttest.Display
	for i, d := range s.displays {
		if keep == s.nodes[0] && i%2 == 0 || keep != s.nodes[0] && i == len(s.displays)-1 {
			displays = append(displays, d)
		}
	}
	for _, node := range s.nodes {
		if node != keep {
			node.stop()
		}
	}
	s.displays, s.nodes = displays, []*sceneNode{keep}
}

// replicated waits until the standby has what the primary has.
func (s *scene) replicated(standby *local.Server) {
	s.Helper()
	conn := dbtest.Conn(s, standby.URL())
	lsn := s.query(`select pg_current_wal_insert_lsn()::text`)
	for deadline := time.Now().Add(waitLimit); ; s.pause(10 * time.Millisecond) {
		there := false
		if err := conn.QueryRow(s.Context(), `select pg_last_wal_replay_lsn() >= $1::text::pg_lsn`, lsn).Scan(&there); err == nil && there {
			return
		}
		if time.Now().After(deadline) {
			s.Fatal("the standby does not follow")
		}
	}
}
