package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

// Fifty cooks tap an order that somebody holds locked, and others ask for their recall list without end. Who is looked up
// to join or to be dismissed, and every other restaurant, notice nothing of it.
func TestRestaurantThatWaitsStarvesNobody(t *testing.T) {
	t.Parallel()
	f := open(t)
	busy, other := f.restaurant(), f.restaurant()
	locked, theirs := f.order(busy), f.order(other)
	user := order.UserID(f.id(`insert into users (restaurant_id, username) values ($1, 'ana') returning id::text`, other))
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), `select from orders where id = $1 for update`, locked); err != nil {
		t.Fatal(err)
	}

	ctx, stop := context.WithCancel(t.Context())
	var tapping sync.WaitGroup
	defer tapping.Wait()
	defer stop()
	for range 50 {
		tapping.Go(func() {
			for ctx.Err() == nil {
				_, _ = f.db.UpdateStatus(ctx, order.StatusUpdate{Restaurant: busy, Order: locked, Status: order.Preparing})
			}
		})
		tapping.Go(func() {
			for ctx.Err() == nil {
				_, _ = f.db.Recent(ctx, busy)
			}
		})
	}
	blocked := func() (n int) {
		if err := f.pool.QueryRow(t.Context(), `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for blocked() == 0 {
	}

	for i, status := range []order.Status{order.Preparing, order.Ready, order.Preparing, order.Ready, order.Completed} {
		for name, do := range map[string]func() error{
			"look users up": func() error {
				users, err := f.db.Users(t.Context(), []order.UserID{user})
				if err == nil && len(users) != 1 {
					err = errors.New("not found")
				}
				return err
			},
			"tap": func() error {
				_, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: other, Order: theirs, Status: status})
				return err
			},
			"recall": func() error { _, err := f.db.Recent(t.Context(), other); return err },
			"read a queue": func() error {
				_, err := f.db.Queues(t.Context(), []order.RestaurantID{other})
				return err
			},
		} {
			began := time.Now()
			if err := do(); err != nil {
				t.Errorf("%s, round %d: %v", name, i, err)
			}
			if took := time.Since(began); took > 500*time.Millisecond {
				t.Errorf("%s, round %d: it took %v", name, i, took)
			}
		}
		if n := blocked(); n > 3 {
			t.Errorf("%d connections wait for the lock of one restaurant", n)
		}
	}
}

// Of a few connections each restaurant gets its turn, however many queries of another wait before it. A query that stops waiting leaves
// nothing behind.
func TestSharesAreGivenInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shares := db.NewShares(4)
		release := map[order.RestaurantID]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{}), "c": make(chan struct{})}
		var mu sync.Mutex
		var taken []order.RestaurantID
		var working sync.WaitGroup
		begin := func(ctx context.Context, id order.RestaurantID) <-chan error {
			result := make(chan error, 1)
			working.Go(func() {
				result <- shares.Use(ctx, id, func() error {
					mu.Lock()
					taken = append(taken, id)
					mu.Unlock()
					<-release[id]
					return nil
				})
			})
			synctest.Wait()
			return result
		}
		began := func() (n map[order.RestaurantID]int) {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			n = map[order.RestaurantID]int{}
			for _, id := range taken {
				n[id]++
			}
			return n
		}
		for range 10 {
			begin(t.Context(), "a")
			begin(t.Context(), "b")
		}
		if n := began(); n["a"] != 2 || n["b"] != 2 {
			t.Fatalf("of four connections there are given %v", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		left := begin(ctx, "c")
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("it left with %v", err)
		}
		begin(t.Context(), "c")
		release["a"] <- struct{}{}
		if n := began(); n["c"] != 1 || n["a"] != 2 {
			t.Errorf("after one was given back: %v", n)
		}
		for _, r := range release {
			close(r)
		}
		working.Wait()
		if n := began(); n["a"] != 10 || n["b"] != 10 || n["c"] != 1 {
			t.Errorf("in the end: %v", n)
		}
		if n := shares.Known(); n != 0 {
			t.Errorf("%d restaurants are remembered", n)
		}
	})
}

// Look-ups of users that wait, for a lock on their table say, leave the other connections to reads and displays.
func TestLookUpsOfUsersThatWaitStarveNobody(t *testing.T) {
	t.Parallel()
	f := open(t)
	restaurant := f.restaurant()
	user := order.UserID(f.id(`insert into users (restaurant_id, username) values ($1, 'ana') returning id::text`, restaurant))
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), `lock users in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	defer asking.Wait()
	defer stop()
	for range 30 {
		asking.Go(func() { _, _ = f.db.User(ctx, user) })
		asking.Go(func() { _, _ = f.db.Users(ctx, []order.UserID{user}) })
		asking.Go(func() { _, _ = f.db.UserByName(ctx, "ana") })
	}
	waiting := func() (n int) {
		if err := f.pool.QueryRow(t.Context(), `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for waiting() < 2 {
	}
	for range 5 {
		began := time.Now()
		if _, err := f.db.Now(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("another question takes %v", took)
		}
	}
	if n := waiting(); n > 2 {
		t.Errorf("%d connections look users up", n)
	}
}
