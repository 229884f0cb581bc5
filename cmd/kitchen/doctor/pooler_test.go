package doctor

import (
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"
	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestDoctorKnowsAPoolerInTransactionMode(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	direct := p.node()
	for _, chooses := range []string{"free for longest", "free last"} {
		t.Run(chooses, func(t *testing.T) { knowsPooler(t, direct, startPooler(t, direct, chooses == "free last")) })
	}
}

func knowsPooler(t *testing.T, direct, pooled string) {
	const prepares = "&default_query_exec_mode=cache_statement"

	d := diagnose(t, database.Config{URL: pooled + prepares})
	d.expect(t, "pooler", "wrong") // of two reasons
	for _, words := range []string{"loses prepared statements", "LISTEN succeeds and receives nothing"} {
		if !strings.Contains(d.text, words) {
			t.Errorf("nothing of %q:\n%s", words, d.text)
		}
	}
	diagnose(t, database.Config{URL: pooled}).expect(t, "pooler", "wrong", "receives nothing", "KITCHEN_LISTEN_DATABASE_URL")
	diagnose(t, database.Config{URL: pooled + prepares, ListenURL: direct}).
		expect(t, "pooler", "wrong", "prepared statements", "max_prepared_statements")
	d = diagnose(t, database.Config{URL: pooled, ListenURL: direct})
	d.expect(t, "pooler", "ok", "LISTEN goes past it")
	d.healthy(t)
}

// A pooler gives each transaction another server process, which knows nothing of what was prepared on the one before.
func TestNodeReadsAndWritesThroughAPooler(t *testing.T) {
	t.Parallel()
	p := newServer(t, nil).newDatabase(t)
	direct := p.node()
	pooled := startPooler(t, direct, false)
	pool, err := db.Open(t.Context(), pooled)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var restaurant order.RestaurantID
	var id order.OrderID
	err = p.owner.QueryRow(t.Context(), `insert into restaurants (name) values ('Pooled') returning id::text`).Scan(&restaurant)
	if err == nil {
		err = p.owner.QueryRow(t.Context(), `insert into orders (restaurant_id) values ($1::text::uuid) returning id::text`, string(restaurant)).Scan(&id)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		for _, status := range []order.Status{order.Preparing, order.Pending} {
			if _, err := pool.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: id, Status: status}); err != nil {
				t.Fatal(err)
			}
			queues, err := pool.Queues(t.Context(), []order.RestaurantID{restaurant})
			if err != nil || len(queues[restaurant].Orders) != 1 || queues[restaurant].Orders[0].Status != status {
				t.Fatalf("%+v, %v", queues, err)
			}
			if err := pool.Notify(t.Context(), "anything", "x"); err != nil {
				t.Fatal(err)
			}
		}
	}

	// What holds for a read holds for no other client of the pooler, and for every read.
	other := dbtest.Conn(t, pooled+"&default_query_exec_mode=simple_protocol")
	for range 5 { // whichever of the server's processes it is given
		var settings string
		if err := other.QueryRow(t.Context(), `select current_setting('row_security') || current_setting('enable_seqscan')`).Scan(&settings); err != nil || settings != "onon" {
			t.Errorf("another client of the pooler has row_security and enable_seqscan %s, %v", settings, err)
		}
	}
	// The views read with the rights of their owner, from whom only forced policies hide rows.
	p.do(t, `create role hidden; grant usage on schema kitchen to hidden; grant select on tables, users to hidden;
		alter table orders owner to hidden; alter view kitchen.orders owner to hidden; alter view kitchen.order_rows owner to hidden;
		alter table orders enable row level security; alter table orders force row level security`)
	if queues, err := pool.Queues(t.Context(), []order.RestaurantID{restaurant}); err == nil {
		t.Errorf("rows were hidden, and the read says %+v", queues[restaurant].Orders)
	}
}
