package ws

import (
	"context"
	"errors"
	"time"
)

// recheckUsers looks now and then whether those who were let in still would be: a token stays valid after its user was
// dismissed. One question at a time, so that this never weighs on the database.
func (s *Server) recheckUsers() {
	ticker := time.NewTicker(s.times.Recheck)
	defer ticker.Stop()
	for {
		select {
		case <-s.beating.Done():
			return
		case <-ticker.C:
		}
		for user, displays := range s.users() {
			if s.beating.Err() != nil || !s.recheck(user, displays) {
				break
			}
		}
	}
}

// users are the displays of each user.
func (s *Server) users() map[UserID][]*display {
	s.mu.Lock()
	list := s.roster.all(nil)
	s.mu.Unlock()
	users := make(map[UserID][]*display)
	for _, d := range list {
		user, _ := d.credential()
		users[user] = append(users[user], d)
	}
	return users
}

// recheck answers whether the store could be asked. If not, nobody is closed for it.
func (s *Server) recheck(id UserID, displays []*display) bool {
	ctx, cancel := context.WithTimeout(s.beating, s.times.Store)
	defer cancel()
	user, err := s.store.User(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		if s.beating.Err() == nil {
			s.log.Warn("users could not be looked up again", "err", err)
		}
		return false
	}
	for _, d := range displays {
		switch {
		case !d.is(id): // it was given another credential meanwhile
		case err != nil:
			d.close(closeUserGone())
		case user.Restaurant != d.group.restaurant:
			d.close(closeForbidden())
		default:
			d.mu.Lock()
			d.mayUpdate = mayUpdate(user.Role)
			d.mu.Unlock()
		}
	}
	return true
}

func (d *display) is(id UserID) bool {
	user, _ := d.credential()
	return user == id
}

// credential is who a display speaks for, and whether they may move orders.
func (d *display) credential() (user UserID, mayUpdate bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.user, d.mayUpdate
}
