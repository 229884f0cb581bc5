package ws

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kitchen/db/order"
)

const moveSoup = `{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id":1}`

// seldom makes the periodic look at users too late for any test, so that only Recheck can have done it.
func seldom(r *recipe) { r.Times.Recheck = time.Hour }

func (k *kitchen) changeUser(id order.UserID, to order.User) {
	k.store.set(func(s *fakeStore) {
		if to.ID == "" {
			delete(s.users, id)
		} else {
			s.users[id] = to
		}
	})
}

func TestChangedUsersAreClosedOrLimitedAtOnce(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	moved, gone, stays := k.join(), k.dial(bistro, k.token(viewer)), k.dial(diner, k.token(rival))
	gone.want("initial_queue")
	stays.want("initial_queue")

	// Another role: looking goes on, touching does not, and can be given back.
	for _, c := range []struct{ role, answer string }{{"viewer", "error"}, {"manager", "ack"}, {"sommelier", "error"}} {
		k.changeUser(cook, order.User{ID: cook, Restaurant: bistro, Role: c.role, Active: true})
		k.server.Recheck(cook)
		eventually(t, "the role "+c.role+" holds", func() bool {
			moved.send(moveSoup)
			for {
				m := moved.next()
				if m.Type == "ack" || m.Type == "error" {
					return m.Type == c.answer && (m.Code == "" || m.Code == "forbidden")
				}
			}
		})
	}
	began := time.Now()
	k.changeUser(cook, order.User{ID: cook, Restaurant: diner, Role: "kitchen", Active: true})
	k.changeUser(viewer, order.User{})
	k.server.Recheck(cook, viewer)
	moved.wantClose(4003)
	gone.wantClose(4001)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	k.feed.subscription(t, diner).event()
	stays.want("order_updated")
}

// Who works in two restaurants and leaves one is closed there, and not in the other.
func TestUserWhoLeavesOneRestaurantStaysInTheOther(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	here, there := k.dial(bistro, k.token(roamer)), k.dial(diner, k.token(roamer))
	here.want("initial_queue")
	there.want("initial_queue")
	k.store.set(func(s *fakeStore) { s.more = nil })
	k.server.Recheck(roamer)
	here.wantClose(4003)
	k.store.set(func(s *fakeStore) {
		s.users[roamer] = order.User{ID: roamer, Restaurant: diner, Role: "screen", Active: true}
	})
	k.server.Recheck(roamer)
	there.wantClose(4003)
}

// Recheck without names says that any user may have changed, because a notification may have been missed.
func TestEverybodyCanBeLookedUpAgain(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	goes, stays := k.dial(bistro, k.token(viewer)), k.join()
	goes.want("initial_queue")
	k.changeUser(viewer, order.User{})
	k.server.Recheck()
	goes.wantClose(4001)
	k.feed.subscription(t, bistro).event()
	stays.want("order_updated")
}

// A user may change between the look-up and the moment when its display can be found: neither may be missed.
func TestUserWhoChangesWhileJoiningIsNotMissed(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	k.store.set(func(s *fakeStore) {
		s.user = func(_ context.Context, id order.UserID) (order.User, error) {
			user := order.User{ID: cook, Restaurant: bistro, Role: "kitchen", Active: true} // as it was when the question was put
			first := false
			once.Do(func() { first = true })
			if !first {
				return order.User{}, order.ErrNotFound
			}
			close(asked)
			<-answer
			return user, nil
		}
	})
	token := k.token(cook)
	joined := make(chan *client)
	go func() { joined <- k.dial(bistro, token) }()
	<-asked
	k.server.Recheck(cook) // nobody with that name is here yet
	close(answer)
	(<-joined).wantClose(4001)
}

// The same for a credential that is renewed as another user's.
func TestUserWhoChangesWhileRenewingIsNotMissed(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	c := k.join()
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	k.store.set(func(s *fakeStore) {
		s.user = func(_ context.Context, id order.UserID) (order.User, error) {
			first := false
			once.Do(func() { first = true })
			if !first {
				return order.User{}, order.ErrNotFound
			}
			close(asked)
			<-answer
			return order.User{ID: viewer, Restaurant: bistro, Role: "viewer", Active: true}, nil
		}
	})
	c.send(`{"type":"authenticate","token":"` + k.token(viewer) + `"}`)
	<-asked
	k.server.Recheck(viewer)
	close(answer)
	c.wantClose(4001)
}

// Anybody may forge a notification. What a thousand of them cost is one look-up of those who are here, and nothing for
// the others.
func TestForgedChangesOfUsersCostLittle(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	stays := k.join()
	questions := func() (n int) {
		k.store.set(func(s *fakeStore) { n = s.questions })
		return n
	}
	before := questions()
	began := time.Now()
	for i := range 20_000 {
		k.server.Recheck(order.UserID(fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)), "rubbish")
	}
	if n := questions() - before; n != 0 {
		t.Errorf("users who are not here were looked up %d times", n)
	}
	for began := time.Now(); time.Since(began) < 350*time.Millisecond; time.Sleep(20 * time.Microsecond) { // as somebody who forges
		k.server.Recheck(cook)
		k.server.Recheck()
	}
	eventually(t, "it was looked", func() bool { return questions() > before })
	// One round, and another each time that the rest between two has passed.
	if n, most := questions()-before, int(time.Since(began)/(100*time.Millisecond))+2; n > most {
		t.Errorf("%d look-ups, want at most %d", n, most)
	}
	k.feed.subscription(t, bistro).event()
	stays.want("order_updated")
}

// Where the database cannot be asked, nobody is closed; it is asked again until it answers.
func TestDoubtOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	goes := k.dial(bistro, k.token(viewer))
	goes.want("initial_queue")
	var asked atomic.Int32
	k.store.set(func(s *fakeStore) {
		s.user = func(context.Context, order.UserID) (order.User, error) {
			asked.Add(1)
			return order.User{}, errAway
		}
	})
	k.server.Recheck(viewer)
	eventually(t, "it was asked in vain", func() bool { return asked.Load() > 0 })
	k.feed.subscription(t, bistro).event()
	goes.want("order_updated")
	k.store.set(func(s *fakeStore) { s.user = nil; delete(s.users, viewer) })
	goes.wantClose(4001)
}

// Displays that come at once are looked up together.
func TestJoinsAreLookedUpTogether(t *testing.T) {
	t.Parallel()
	k := open(t)
	const users = 200
	id := func(i int) order.UserID { return order.UserID(fmt.Sprintf("%08d-0000-4000-8000-000000000001", i)) }
	k.store.set(func(s *fakeStore) {
		for i := range users {
			s.users[id(i)] = order.User{ID: id(i), Restaurant: bistro, Role: "kitchen", Active: true}
		}
	})
	asked, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	k.store.set(func(s *fakeStore) {
		s.user = func(_ context.Context, id order.UserID) (order.User, error) {
			once.Do(func() { close(asked); <-answer })
			return order.User{ID: id, Restaurant: bistro, Role: "kitchen", Active: true}, nil
		}
	})
	var waiting sync.WaitGroup
	look := func(i int) {
		waiting.Go(func() {
			if u, err := k.server.lookUp(holder{user: id(i)}); err != nil || len(u.users) != 1 || u.users[0].ID != id(i) {
				t.Errorf("user %d: %+v, %v", i, u, err)
			}
		})
	}
	look(0)
	<-asked // and while that is being answered
	for i := range users {
		look(i)
	}
	eventually(t, "all wait", func() bool {
		k.server.lookups.mu.Lock()
		defer k.server.lookups.mu.Unlock()
		return len(k.server.lookups.waiting) == users
	})
	close(answer)
	waiting.Wait()
	k.store.set(func(s *fakeStore) {
		if s.questions != 2 {
			t.Errorf("%d questions for %d users", s.questions, users)
		}
	})
}
