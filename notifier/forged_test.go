package notifier_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/notifier"

	"github.com/jackc/pgx/v5"
)

func TestForgedNotificationsDoNoHarm(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	mine, theirs := k.restaurant(), k.restaurant()
	s, _ := k.watch(mine)
	foreign := k.order(theirs)
	n := s.count()
	for _, payload := range []string{
		`{"type":"order_created","order_id":"` + foreign + `","version":1}`, `{"order_id":"` + k2(foreign) + `"}`,
		``, `junk`, `{"order_id":7}`, `[]`, `null`, `{"order_id":"' or true"}`, strings.Repeat("x", 7999), `{"type":"queue_changed"}`,
	} {
		k.exec(`select pg_notify('kitchen_'||$1, $2)`, mine, payload)
	}
	for range 500 {
		k.exec(`select pg_notify('kitchen_'||$1, json_build_object('order_id', gen_random_uuid())::text)`, mine)
	}
	k.order(mine)
	k.converges(s)
	if s.count() != n+1 {
		t.Errorf("sent: %v", s.said())
	}
}

// A role that sees the listener's statements in pg_stat_activity knows the name of its control channel.
func TestForgedCanariesDoNoHarm(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	known := make(chan string, 1)
	go func() { known <- seenControlChannel(t, url) }()
	k := start(t, url, notifier.Config{})
	control := <-known
	if control == "" {
		t.Fatal("the control channel is not known")
	}
	s, _ := k.watch(k.restaurant())
	for range 20 {
		for _, payload := range []string{"", "junk", "{}", strings.Repeat("x", 7999)} {
			k.exec(`select pg_notify($1, $2)`, control, payload)
		}
	}
	k.order(s.restaurant)
	k.converges(s)
	if slices.Contains(s.said()[2:], "deaf") {
		t.Errorf("forged canaries were taken for deafness: %v", s.said())
	}
}

func TestMessagesNameTheirRestaurantsOrdersOnly(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	var screens []*screen
	for range 5 {
		s, _ := k.watch(k.restaurant()) // a screen fails the test where it receives another restaurant's order
		screens = append(screens, s)
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 40 {
				r, other := screens[(w+i)%5].restaurant, screens[(w+i+1)%5].restaurant
				order := k.order(r)
				k.exec(`update orders set status = 'preparing' where id = $1`, order)
				k.exec(`update orders set restaurant_id = $2 where id = $1`, order, other)
			}
		})
	}
	writers.Wait()
	for _, s := range screens {
		k.converges(s)
	}
}

// seenControlChannel looks at the statements of others until it has seen a listener LISTEN to its control channel. It looks without a
// pause, on the server: a moment later the listener's last statement is about other channels.
func seenControlChannel(t *testing.T, url string) (control string) {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), `
		create function pg_temp.control() returns text language plpgsql as $$
		declare
		  seen  text;
		  begun timestamptz := now();
		begin
		  while clock_timestamp() < now() + interval '20 seconds' loop
		    perform pg_stat_clear_snapshot();
		    select split_part(query, '"', 2) into seen from pg_stat_activity where datname = current_database() and query like 'listen "kitchen\_node%';
		    exit when found;
		    if clock_timestamp() > begun + interval '1 second' then -- it was missed, and comes again with the next connection
		      perform pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'kitchen-listener';
		      begun := clock_timestamp();
		    end if;
		  end loop;
		  return seen;
		end $$`); err != nil {
		t.Error(err)
		return ""
	}
	if err := conn.QueryRow(t.Context(), `select coalesce(pg_temp.control(), '')`).Scan(&control); err != nil {
		t.Error(err)
	}
	return control
}
