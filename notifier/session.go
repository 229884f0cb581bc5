package notifier

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgxlisten"

	"kitchen/db"
)

// maxListen channels are named in one round trip.
const maxListen = 1000

// session is the part of a session that runs on pgxlisten's goroutine, which owns all of its fields.
type session struct {
	listener  *listener
	pgx       *pgxlisten.Listener
	listening map[string]bool
	begun     chan struct{} // closed when the control channel is listened to
}

// HandleBacklog is called when LISTEN on the control channel has been answered.
func (s *session) HandleBacklog(context.Context, string, *pgx.Conn) error {
	if again := s.listener.wantAllAnew(); again {
		// The way is open. What was asked while it was not may wait for answers that never come.
		s.listener.freshPool()
		s.listener.notifier.reader.abandonReads()
	}
	close(s.begun)
	return nil
}

// HandleNotification is called for what comes on the control channel: our canaries, and perhaps somebody's forgeries, which
// do nothing. A canary shows that notifications arrive. Besides, this is the one place from which the connection can be used.
func (s *session) HandleNotification(ctx context.Context, n *pgconn.Notification, conn *pgx.Conn) error {
	if !s.listener.canaryArrived(n.Payload) {
		return nil
	}
	added, err := s.listen(ctx, conn)
	if err != nil {
		return err // which ends the session; the next listens to all that is wanted
	}
	s.listener.listens(added)
	return nil
}

// listen makes the connection listen to what is wanted and to nothing else. It returns the kitchens that were added.
func (s *session) listen(ctx context.Context, conn *pgx.Conn) (added []*kitchen, err error) {
	listen, added, unlisten := s.listener.takeChanges(s.listening)
	for chunk := range slices.Chunk(listen, maxListen) {
		if err := db.Listen(ctx, conn, chunk, nil); err != nil {
			return nil, err
		}
	}
	for chunk := range slices.Chunk(unlisten, maxListen) {
		if err := db.Listen(ctx, conn, nil, chunk); err != nil {
			return nil, err
		}
	}
	for _, channel := range listen {
		s.listening[channel] = true
		s.pgx.Handle(channel, hints{s.listener})
	}
	for _, channel := range unlisten {
		// pgxlisten keeps the name and the handler, which is the same for all and holds no kitchen: some 100 bytes a restaurant
		// until the connection is made anew.
		delete(s.listening, channel)
	}
	return added, nil
}
