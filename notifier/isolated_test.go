package notifier_test

import (
	"log/slog"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/notifier"
)

// Restaurants whose reads get no answer in time are read apart from the others, so that these wait for no worker.
func TestKitchensWhoseReadsTimeOutDelayNobody(t *testing.T) {
	t.Parallel()
	logged := &safeBuffer{}
	k := start(t, dbtest.New(t), notifier.Config{Log: slog.New(slog.NewTextHandler(logged, nil))})
	k.exec(`create table slow (id uuid); grant select on slow to public;
		create function answers(uuid) returns boolean language plpgsql as $$ begin
			perform pg_sleep(30) from public.slow where id = $1;
			return true;
		end $$;
		create or replace view kitchen.restaurants as select r.id, r.name, r.timezone from restaurants r where answers(r.id)`)
	good, _ := k.watch(k.restaurant())
	var slow []*screen
	for range 3 {
		s, _ := k.watch(k.restaurant())
		slow = append(slow, s)
	}
	for _, s := range slow {
		k.exec(`insert into slow values ($1)`, s.restaurant)
		k.exec(`select pg_notify('kitchen_' || $1, '{"type":"queue_changed"}')`, s.restaurant)
	}
	for _, s := range slow {
		logged.await(t, "restaurant="+s.restaurant)
	}
	for i := range 12 {
		began := time.Now()
		k.watch(k.restaurant())
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("joining restaurant %d took %v", i, took)
		}
	}
	k.order(good.restaurant)
	k.converges(good)
	k.exec(`truncate slow`)
	for _, s := range slow {
		k.order(s.restaurant)
		k.converges(s)
	}
}
