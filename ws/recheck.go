package ws

import (
	"maps"
	"slices"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

// recheckRest is the shortest pause between two rounds of recheckHolders. Any database role can cause a round by a notification, so
// the pauses are at least four times as long as the rounds.
const recheckRest = 100 * time.Millisecond

// recheckSet is the holders to be looked up again, because they may have changed. server.mu guards it.
type recheckSet struct {
	everybody bool
	holders   map[holder]bool // only those with displays on this node
}

// Recheck says that users may have changed: they were dismissed, moved to another restaurant, removed, or given another
// role. With no user, any of them may have. Their displays are closed, or may do what their users now may, as soon as the
// store has been asked, which is a matter of milliseconds. It returns at once, whoever is named: users without displays on
// this node cost nothing, and those of many calls are looked up together.
func (s *Server) Recheck(users ...order.UserID) {
	holders := make([]holder, len(users))
	for i, u := range users {
		holders[i].user = u
	}
	s.recheck(holders...)
}

// RecheckDevice is [Server.Recheck] for a device: its token may have been revoked.
func (s *Server) RecheckDevice(id order.DeviceID) { s.recheck(holder{device: id}) }

func (s *Server) recheck(holders ...holder) {
	// This comes first, for displays that are joining now: see setGrant.
	s.changes.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.markForRecheck(holders...)
}

// markForRecheck adds holders, or all where it is given none, to toRecheck and wakes recheckHolders. The caller holds s.mu.
func (s *Server) markForRecheck(holders ...holder) {
	d := &s.toRecheck
	d.everybody = d.everybody || len(holders) == 0
	for _, h := range holders {
		if s.perHolder[h] > 0 {
			d.holders[h] = true
		}
	}
	if d.everybody || len(d.holders) > 0 {
		select {
		case s.recheckWake <- struct{}{}:
		default:
		}
	}
}

// recheckHolders looks up connected users and devices again when Recheck has named them, and every Times.Recheck in any case: a token stays
// valid after its user was dismissed, and the notification of that may be lost.
func (s *Server) recheckHolders() {
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

// recheckRound looks up all holders in toRecheck. After an error they stay there, and no display is closed.
func (s *Server) recheckRound() error {
	s.mu.Lock()
	d := s.toRecheck
	s.toRecheck = recheckSet{holders: make(map[holder]bool)}
	ids := slices.Collect(maps.Keys(d.holders))
	if d.everybody {
		ids = slices.Collect(maps.Keys(s.perHolder))
	}
	s.mu.Unlock()

	for chunk := range slices.Chunk(ids, maxLookups) {
		found, err := s.askStore(s.running, chunk)
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
		s.applyRights(chunk, found)
	}
	return nil
}

// applyRights closes or limits the displays of the holders in asked, according to what was found.
func (s *Server) applyRights(asked []holder, found map[holder]rights) {
	in := make(map[holder]bool, len(asked))
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
		role, why := s.role(id, found[id], d.group.restaurant, d.group.pickup)
		if why != closing.None() {
			d.closeIf(id, why)
			continue
		}
		d.mu.Lock()
		if d.holder == id {
			d.mayUpdate = credential.MayUpdate(role)
		}
		d.mu.Unlock()
	}
}

// closeIf closes a display unless it has been given the credential of another holder meanwhile.
func (d *display) closeIf(id holder, why closing.Reason) {
	if is, _ := d.credential(); is == id {
		d.close(why)
	}
}

// credential returns whose credential a display has, and whether that holder may move orders.
func (d *display) credential() (is holder, mayUpdate bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.holder, d.mayUpdate
}
