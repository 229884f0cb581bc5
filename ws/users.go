package ws

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"kitchen/db/order"
)

// maxLookups is how many holders one question to the store may ask for.
const maxLookups = 1000

// lookups batches look-ups of holders: one question runs at a time, and the next one asks for all that were requested meanwhile. A thousand displays that reconnect at once therefore cost the database a handful of queries.
type lookups struct {
	mu      sync.Mutex
	waiting map[holder]*lookup // requested, and in no query yet
	running bool               // answerLookups runs, and will take what waits
}

// lookup is one holder to be looked up. All callers that ask for the same one before the query starts share it.
type lookup struct {
	done chan struct{} // closed once is and err are set
	is   rights
	err  error
}

// lookUp returns what the store says of a holder, which is nothing where it knows none. An error means that the store could not
// answer. It takes two questions at most: the one that is running, and the one that asks for this holder.
// The caller must be counted in the server's wait group, because lookUp may start a goroutine there.
func (s *Server) lookUp(id holder) (rights, error) {
	l := &s.lookups
	l.mu.Lock()
	q := l.waiting[id]
	if q == nil {
		q = &lookup{done: make(chan struct{})}
		if l.waiting == nil {
			l.waiting = make(map[holder]*lookup)
		}
		l.waiting[id] = q
	}
	if !l.running {
		l.running = true
		s.wg.Go(s.answerLookups)
	}
	l.mu.Unlock()
	<-q.done
	return q.is, q.err
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
		batch := make(map[holder]*lookup)
		ids := make([]holder, 0, min(len(l.waiting), maxLookups))
		for id, q := range l.waiting {
			if len(ids) == maxLookups {
				break
			}
			batch[id], ids = q, append(ids, id)
			delete(l.waiting, id)
		}
		l.mu.Unlock()

		found, err := s.askStore(s.ctx, ids)
		for id, q := range batch {
			q.is, q.err = found[id], err
			close(q.done)
		}
	}
}

// askStore looks holders up: users with one query of the store, devices with another. One that the store does not know has no
// rights. A panic of the store becomes an error, because it must not end the process for all other displays.
func (s *Server) askStore(ctx context.Context, holders []holder) (found map[holder]rights, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.peerLog.Write(slog.LevelError, "the look-up of users panicked", "err", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("look up %d users: panic", len(holders))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, s.times.Store)
	defer cancel()
	var users []order.UserID
	var devices []order.DeviceID
	for _, h := range holders {
		if h.device != "" {
			devices = append(devices, h.device)
		} else {
			users = append(users, h.user)
		}
	}
	found = make(map[holder]rights, len(holders))
	if users != nil {
		all, err := s.store.Users(ctx, users)
		if err != nil {
			return nil, err
		}
		for _, u := range all {
			h := holder{user: u.ID}
			found[h] = rights{users: append(found[h].users, u)}
		}
	}
	if devices != nil {
		all, err := s.store.Devices(ctx, devices)
		if err != nil {
			return nil, err
		}
		for i := range all {
			found[holder{device: all[i].ID}] = rights{device: &all[i]}
		}
	}
	return found, nil
}
