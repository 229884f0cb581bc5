package ws

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"kitchen/db/order"
)

// maxUsers are looked up in one question to the store.
const maxUsers = 1000

// lookups gathers questions about users: while one is being answered, those that come pile up, and the next takes them
// all. So a thousand displays that come back at once cost the database a handful of queries.
type lookups struct {
	mu      sync.Mutex
	waiting map[order.UserID]*lookup // not asked yet
	asking  bool                     // a goroutine asks, and will take what waits
}

// lookup is a question about one user, by whoever wants to know at the time.
type lookup struct {
	answered chan struct{} // closed when the rest is set
	users    []order.User  // one for each restaurant of the user's
	err      error
}

// lookUp asks about one user, and answers with nobody where there is none. An error means that it could not be known. It
// takes as long as two questions to the store at most: one that is under way, and the one with this user in it. Whoever calls
// has a place in the server's wait group.
func (s *Server) lookUp(id order.UserID) ([]order.User, error) {
	l := &s.lookups
	l.mu.Lock()
	q := l.waiting[id]
	if q == nil {
		q = &lookup{answered: make(chan struct{})}
		if l.waiting == nil {
			l.waiting = make(map[order.UserID]*lookup)
		}
		l.waiting[id] = q
	}
	if !l.asking {
		l.asking = true
		s.wg.Go(s.answerLookups)
	}
	l.mu.Unlock()
	<-q.answered
	return q.users, q.err
}

// answerLookups asks until nobody waits.
func (s *Server) answerLookups() {
	l := &s.lookups
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 {
			l.waiting, l.asking = nil, false
			l.mu.Unlock()
			return
		}
		batch := make(map[order.UserID]*lookup)
		ids := make([]order.UserID, 0, min(len(l.waiting), maxUsers))
		for id, q := range l.waiting {
			if len(ids) == maxUsers {
				break
			}
			batch[id], ids = q, append(ids, id)
			delete(l.waiting, id)
		}
		l.mu.Unlock()

		users, err := s.askUsers(s.ctx, ids)
		for id, q := range batch {
			q.users, q.err = users[id], err
			close(q.answered)
		}
	}
}

// askUsers is one question to the store. The store's code runs for many displays here, so it may not take the process with
// it either.
func (s *Server) askUsers(ctx context.Context, ids []order.UserID) (found map[order.UserID][]order.User, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.peerLog.write(slog.LevelError, "the look-up of users panicked", "err", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("look up %d users: panic", len(ids))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, s.times.Store)
	defer cancel()
	users, err := s.store.Users(ctx, ids)
	if err != nil {
		return nil, err
	}
	found = make(map[order.UserID][]order.User, len(users))
	for _, u := range users {
		found[u.ID] = append(found[u.ID], u)
	}
	return found, nil
}
