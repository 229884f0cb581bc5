package notifier_test

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// poolerRows have a real PgBouncer in transaction mode between a node and the server.
func poolerRows() []row {
	return []row{
		{fault: "F15", name: "PgBouncer_in_transaction_mode_is_the_address_to_listen_at", onDemand: true, inject: func(s *scene) {
			// A default that differs from what a listener sets, so that what it sets shows.
			s.exec(`do $$ begin execute format('alter database %I set idle_session_timeout = ''1h''', current_database()); end $$`)
			pooler := dbtest.StartPooler(s, s.url)
			node := s.node(pooler.URL, false, row{}.config)
			d, _ := s.join(node, s.tenants[0])
			node.logged.await(s.T, db.ErrPooler.Error())
			if !d.Until(waitLimit, d.Connected) || d.IsLive() || node.n.Live() {
				s.Error("a display gets its queue, and is not live")
			}
			s.write(20, 5*time.Second)
			hearNothing(s, pooler)
			if d.IsLive() {
				s.Error("live through a pooler")
			}
			node.stop()
			s.nodes, s.displays = s.nodes[:2], s.displays[:len(s.displays)-1]
			pooler.Stop()
			s.remark = "refused with the reason, and clients of the pooler receive nothing"
		}},
		{fault: "F15b", name: "PgBouncer_in_transaction_mode_for_all_but_LISTEN", onDemand: true, inject: func(s *scene) {
			pooler := dbtest.StartPooler(s, s.url)
			s.afterNodes = pooler.Stop
			node := s.node(pooler.URL, false, notifier.Config{ListenURL: s.url})
			for _, t := range s.tenants {
				s.join(node, t)
			}
			s.all(true)
			s.write(50, 10*time.Second)
			id := s.query(`insert into orders (restaurant_id, notes) values ($1, $2) returning id::text`, string(s.tenants[0].ID), s.tenants[0].Canary)
			var cooks sync.WaitGroup
			for range 10 { // more than there are connections to the server
				cooks.Go(func() {
					for _, status := range []order.Status{"preparing", "ready", "preparing"} {
						_, err := node.db.UpdateStatus(s.Context(), order.StatusUpdate{Restaurant: s.tenants[0].ID, Order: order.OrderID(id), Status: status})
						if err != nil {
							s.Error(err)
						}
					}
				})
			}
			cooks.Wait()
			s.exec(endListener)
			s.write(50, 10*time.Second)
			s.all(true)
			if failed := node.logged.count("cannot read"); failed > 0 {
				s.Errorf("reads failed:\n%s", node.logged)
			}
		}},
	}
}

// hearNothing takes every connection of the pooler to the server at once: none listens to anything, holds a notification, or has a
// setting that a listener makes.
func hearNothing(s *scene, pooler *dbtest.Pooler) {
	s.Helper()
	var taken []*pgx.Conn
	received := 0
	for range pooler.Servers {
		cfg, err := pgx.ParseConfig(pooler.URL)
		if err != nil {
			s.Fatal(err)
		}
		cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		cfg.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { received++ }
		conn, err := pgx.ConnectConfig(s.Context(), cfg)
		if err != nil {
			s.Fatal(err)
		}
		s.Cleanup(func() { _ = conn.Close(context.Background()) })
		if _, err := conn.Exec(s.Context(), `begin`); err != nil {
			s.Fatal(err)
		}
		taken = append(taken, conn)
	}
	for _, conn := range taken {
		channels, timeout := 0, ""
		err := conn.QueryRow(s.Context(), `select (select count(*) from pg_listening_channels()), current_setting('idle_session_timeout')`).Scan(&channels, &timeout)
		if err != nil {
			s.Fatal(err)
		}
		if channels != 0 || timeout != "1h" {
			s.Errorf("a connection that others get listens to %d channels, and its idle_session_timeout is %s", channels, timeout)
		}
		if _, err := conn.Exec(s.Context(), `rollback`); err != nil {
			s.Fatal(err)
		}
	}
	s.write(10, time.Second)
	for _, conn := range taken { // what came meanwhile comes with the next answer
		if _, err := conn.Exec(s.Context(), `select pg_sleep(0.5)`); err != nil {
			s.Fatal(err)
		}
		_ = conn.Close(s.Context())
	}
	if received > 0 {
		s.Errorf("clients of the pooler that listen to nothing received %d notifications", received)
	}
}
