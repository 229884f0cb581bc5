package ws

import (
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// join makes a display a member of its restaurant's group, and makes the group if there is none. It returns why the display may
// not join, if so.
func (s *Server) join(d *display, restaurant order.RestaurantID, pickup bool, permission grant) closing.Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return closing.Stopping()
	}
	if why := s.joins.Take(restaurant, time.Now()); why != closing.None() {
		return why
	}
	if s.perHolder[permission.holder] >= s.limits.DisplaysPerUser {
		return closing.TooManyOfUser()
	}
	groups := s.groups
	if pickup {
		groups = s.pickups
	}
	g := groups[restaurant]
	if g == nil {
		g = &Group{server: s, restaurant: restaurant, pickup: pickup}
		groups[restaurant] = g
	}
	if !g.add(d) {
		return closing.TooManyDisplays()
	}
	s.wheel.add(d)
	s.setGrant(d, permission)
	return closing.None()
}

// replaceGrant gives a display that has joined a new credential, or returns why it may not have it.
func (s *Server) replaceGrant(d *display, permission grant) closing.Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, _ := d.credential()
	if was != permission.holder && s.perHolder[permission.holder] >= s.limits.DisplaysPerUser {
		return closing.TooManyOfUser()
	}
	s.forgetHolder(was)
	s.setGrant(d, permission)
	return closing.None()
}

// setGrant gives a display a credential, and counts it for its holder. The caller holds s.mu. If any holder has changed since this one
// was looked up, Recheck may have missed this display, so setGrant has the holder looked up again.
func (s *Server) setGrant(d *display, permission grant) {
	s.perHolder[permission.holder]++
	d.setGrant(permission)
	if s.changes.Load() != permission.asOf {
		s.markForRecheck(permission.holder)
	}
}

// forgetHolder counts a display less for its holder.
func (s *Server) forgetHolder(h holder) {
	if s.perHolder[h]--; s.perHolder[h] == 0 {
		delete(s.perHolder, h)
	}
}

// leave undoes join.
func (s *Server) leave(d *display) {
	was, _ := d.credential()
	s.mu.Lock()
	s.wheel.remove(d)
	s.forgetHolder(was)
	s.mu.Unlock()
	d.group.remove(d)
	d.group.syncSubscription()
}
