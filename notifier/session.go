package notifier

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgxlisten"

	"kitchen/db"
)

// session is the part of a session that runs on pgxlisten's goroutine, which owns all of its fields.
type session struct {
	listener  *listener
	pgx       *pgxlisten.Listener
	listening map[string]bool
	begun     chan struct{} // closed when the control channel is listened to
}

// HandleBacklog is called when LISTEN on the control channel has been answered.
func (s *session) HandleBacklog(context.Context, string, *pgx.Conn) error {
	l := s.listener
	l.mu.Lock()
	for channel := range l.wanted {
		l.changed[channel] = true
	}
	again := l.begun
	l.begun = true
	l.mu.Unlock()
	if again {
		// The way is open. What was asked while it was not may wait for answers that never come.
		l.freshPool()
		l.notifier.reader.renew()
	}
	close(s.begun)
	return nil
}

// HandleNotification is called for what comes on the control channel: our canaries, and perhaps somebody's forgeries,
// which do no harm: it listens to what is wanted and to nothing else.
func (s *session) HandleNotification(ctx context.Context, n *pgconn.Notification, conn *pgx.Conn) error {
	l := s.listener
	var listen, unlisten []string
	var kitchens []*kitchen

	l.mu.Lock()
	if l.heard == nil || n.Payload != l.nonce { // no canary flies, or this is not it: somebody else's
		l.mu.Unlock()
		return nil
	}
	close(l.heard)
	l.nonce, l.heard = "", nil
	for channel := range l.changed {
		k := l.wanted[channel]
		if k != nil {
			listen, kitchens = append(listen, channel), append(kitchens, k)
		} else if s.listening[channel] {
			unlisten = append(unlisten, channel)
		}
	}
	clear(l.changed)
	l.mu.Unlock()

	for chunk := range slices.Chunk(listen, maxListen) {
		if err := db.Listen(ctx, conn, chunk, nil); err != nil {
			return err // which ends the session; the next listens to all that is wanted
		}
	}
	for chunk := range slices.Chunk(unlisten, maxListen) {
		if err := db.Listen(ctx, conn, nil, chunk); err != nil {
			return err
		}
	}
	for i, channel := range listen {
		s.listening[channel] = true
		s.pgx.Handle(channel, hint{kitchens[i]})
	}
	for _, channel := range unlisten {
		delete(s.listening, channel) // its handler stays: hints for a kitchen that nobody watches mark nothing of use
	}
	l.live(kitchens)
	return nil
}
