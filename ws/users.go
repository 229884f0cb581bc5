package ws

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"kitchen/db/order"
)

// maxUsers is how many users one query of the store may ask for.
const maxUsers = 1000

// lookups batches look-ups of users: one query runs at a time, and the next one asks for all users that were requested
// meanwhile. A thousand displays that reconnect at once therefore cost the database a handful of queries.
type lookups struct {
	mu      sync.Mutex
	waiting map[order.UserID]*lookup // requested, and in no query yet
	running bool                     // answerLookups runs, and will take what waits
}

// lookup is one user to be looked up. All callers that ask for the same user before the query starts share it.
type lookup struct {
	done  chan struct{} // closed once users and err are set
	users []order.User  // one entry for each restaurant that the user belongs to
	err   error
}

// lookUp returns the user's entries, one for each restaurant, and none if there is no such user. An error means that the store
// could not answer. It takes two queries of the store at most: the one that is running, and the one that asks for this user.
// The caller must be counted in the server's wait group, because lookUp may start a goroutine there.
func (s *Server) lookUp(id order.UserID) ([]order.User, error) {
	l := &s.lookups
	l.mu.Lock()
	q := l.waiting[id]
	if q == nil {
		q = &lookup{done: make(chan struct{})}
		if l.waiting == nil {
			l.waiting = make(map[order.UserID]*lookup)
		}
		l.waiting[id] = q
	}
	if !l.running {
		l.running = true
		s.wg.Go(s.answerLookups)
	}
	l.mu.Unlock()
	<-q.done
	return q.users, q.err
}

// answerLookups runs one query after the other until no look-up waits.
func (s *Server) answerLookups() {
	l := &s.lookups
	for {
		l.mu.Lock()
		if len(l.waiting) == 0 {
			l.waiting, l.running = nil, false
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
			close(q.done)
		}
	}
}

// askUsers runs one query of the store and groups the result by user. A panic of the store becomes an error, because it must
// not end the process for all other displays.
func (s *Server) askUsers(ctx context.Context, ids []order.UserID) (found map[order.UserID][]order.User, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.peerLog.Write(slog.LevelError, "the look-up of users panicked", "err", p, "stack", string(debug.Stack()))
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
