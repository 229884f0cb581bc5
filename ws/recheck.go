package ws

import (
	"maps"
	"slices"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

// recheckRest is the shortest pause between two rounds of recheckUsers. Any database role can cause a round by a notification, so
// the pauses are at least four times as long as the rounds.
const recheckRest = 100 * time.Millisecond

// recheckSet is the users to be looked up again, because they may have changed. server.mu guards it.
type recheckSet struct {
	everybody bool
	users     map[order.UserID]bool // only users with displays on this node
}

// Recheck says that users may have changed: they were dismissed, moved to another restaurant, removed, or given another
// role. With no user, any of them may have. Their displays are closed, or may do what their users now may, as soon as the
// store has been asked, which is a matter of milliseconds. It returns at once, whoever is named: users without displays on
// this node cost nothing, and those of many calls are looked up together.
func (s *Server) Recheck(users ...order.UserID) {
	// This comes first, for displays that are joining now: see setGrant.
	s.changes.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.markForRecheck(users...)
}

// markForRecheck adds users, or all where it is given none, to toRecheck and wakes recheckUsers. The caller holds s.mu.
func (s *Server) markForRecheck(users ...order.UserID) {
	d := &s.toRecheck
	d.everybody = d.everybody || len(users) == 0
	for _, u := range users {
		if s.perUser[u] > 0 {
			d.users[u] = true
		}
	}
	if d.everybody || len(d.users) > 0 {
		select {
		case s.recheckWake <- struct{}{}:
		default:
		}
	}
}

// recheckUsers looks up connected users again when Recheck has named them, and every Times.Recheck in any case: a token stays
// valid after its user was dismissed, and the notification of that may be lost.
func (s *Server) recheckUsers() {
	ticker := time.NewTicker(s.times.Recheck)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-s.running.Done():
			return
		case <-s.recheckWake:
		case <-ticker.C:
			s.Recheck()
			continue
		}
		began := time.Now()
		err := s.recheckRound()
		rest := max(recheckRest, 4*time.Since(began))
		if err != nil && s.running.Err() == nil {
			if !failed {
				s.log.Warn("users could not be looked up again: nobody is closed for that, and it is tried again", "err", err)
			}
			rest = max(rest, time.Second)
		}
		failed = err != nil
		if !waitUntil(s.running, time.Now().Add(rest)) {
			return
		}
	}
}

// recheckRound looks up all users in toRecheck. After an error they stay there, and no display is closed.
func (s *Server) recheckRound() error {
	s.mu.Lock()
	d := s.toRecheck
	s.toRecheck = recheckSet{users: make(map[order.UserID]bool)}
	ids := slices.Collect(maps.Keys(d.users))
	if d.everybody {
		ids = slices.Collect(maps.Keys(s.perUser))
	}
	s.mu.Unlock()

	for chunk := range slices.Chunk(ids, maxUsers) {
		users, err := s.askUsers(s.running, chunk)
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			if d.everybody {
				s.markForRecheck()
			} else {
				s.markForRecheck(ids...)
			}
			return err
		}
		s.applyUsers(chunk, users)
	}
	return nil
}

// applyUsers closes or limits the displays of the users in asked, according to what was found.
func (s *Server) applyUsers(asked []order.UserID, found map[order.UserID][]order.User) {
	in := make(map[order.UserID]bool, len(asked))
	for _, id := range asked {
		in[id] = true
	}
	s.mu.Lock()
	displays := s.wheel.all(nil)
	s.mu.Unlock()
	for _, d := range displays {
		id, _ := d.credential()
		if !in[id] {
			continue
		}
		role, why := credential.RoleIn(found[id], d.group.restaurant)
		if why != closing.None() {
			d.closeIf(id, why)
			continue
		}
		d.mu.Lock()
		if d.user == id {
			d.mayUpdate = credential.MayUpdate(role)
		}
		d.mu.Unlock()
	}
}

// closeIf closes a display unless it has been given the credential of another user meanwhile.
func (d *display) closeIf(id order.UserID, why closing.Reason) {
	if user, _ := d.credential(); user == id {
		d.close(why)
	}
}

// credential returns the user of a display, and whether that user may move orders.
func (d *display) credential() (user order.UserID, mayUpdate bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.user, d.mayUpdate
}
