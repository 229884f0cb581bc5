package ws

import (
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// join makes a display a member of its restaurant's group, and makes the group if there is none. It returns why the display may
// not join, if so.
func (s *Server) join(d *display, restaurant order.RestaurantID, permission grant) closing.Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return closing.Stopping()
	}
	if why := s.joins.Take(restaurant, time.Now()); why != closing.None() {
		return why
	}
	if s.perUser[permission.user] >= s.limits.DisplaysPerUser {
		return closing.TooManyOfUser()
	}
	g := s.groups[restaurant]
	if g == nil {
		g = &Group{server: s, restaurant: restaurant}
		s.groups[restaurant] = g
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
	if was != permission.user && s.perUser[permission.user] >= s.limits.DisplaysPerUser {
		return closing.TooManyOfUser()
	}
	s.forgetUser(was)
	s.setGrant(d, permission)
	return closing.None()
}

// setGrant gives a display a credential, and counts it for its user. The caller holds s.mu. If any user has changed since this one
// was looked up, Recheck may have missed this display, so setGrant has the user looked up again.
func (s *Server) setGrant(d *display, permission grant) {
	s.perUser[permission.user]++
	d.setGrant(permission)
	if s.changes.Load() != permission.asOf {
		s.markForRecheck(permission.user)
	}
}

// forgetUser counts a display less for its user.
func (s *Server) forgetUser(id order.UserID) {
	if s.perUser[id]--; s.perUser[id] == 0 {
		delete(s.perUser, id)
	}
}

// leave undoes join.
func (s *Server) leave(d *display) {
	user, _ := d.credential()
	s.mu.Lock()
	s.wheel.remove(d)
	s.forgetUser(user)
	s.mu.Unlock()
	d.group.remove(d)
	d.group.syncSubscription()
}
