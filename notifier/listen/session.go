package listen

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgxlisten"

	"kitchen/db"
)

// maxListen channels are named in one round trip.
const maxListen = 1000

// session is one connection and what it listens to. pgxlisten's goroutine, which reads the connection, owns all fields.
type session struct {
	listener  *Listener
	pgx       *pgxlisten.Listener
	listening map[string]bool
	begun     chan struct{} // closed when the control channel is listened to
}

// runSession connects and listens until the connection fails, a canary does not arrive or ctx ends. It returns why it ended.
func (l *Listener) runSession(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)

	// pgxlisten would reconnect by itself, and then listen to its channels one by one. A session ends with its connection.
	connected := false
	reader := &pgxlisten.Listener{
		ReconnectDelay: -1, // none: see Connect
		Connect: func(ctx context.Context) (*pgx.Conn, error) {
			if connected {
				return nil, errors.New("the connection is lost")
			}
			connected = true
			return l.connect(ctx)
		},
		LogError: func(_ context.Context, err error) { end(err) },
	}
	s := &session{listener: l, pgx: reader, listening: make(map[string]bool), begun: make(chan struct{})}
	reader.Handle(l.control, controlChannel{s})

	var canaries sync.WaitGroup
	canaries.Go(func() {
		select {
		case <-ctx.Done():
		case <-s.begun:
			end(l.sendCanaries(ctx))
		}
	})
	_ = reader.Listen(ctx)
	end(nil)
	canaries.Wait()
	return context.Cause(ctx)
}

// controlChannel takes what arrives on the listener's own channel: its canaries, and perhaps somebody's forgeries.
//
// A canary has two uses. It shows that notifications arrive. And it is the way to the connection: pgxlisten can listen to no
// further channel while it runs, but its handlers run on the goroutine that reads the connection and get hold of it. So
// a change of the wanted channels is signalled in Listener.changed and sends a canary; the session follows when that arrives.
type controlChannel struct{ session *session }

// HandleBacklog is called when LISTEN on the control channel has been answered.
func (c controlChannel) HandleBacklog(context.Context, string, *pgx.Conn) error {
	l := c.session.listener
	if again := l.listenToAllAgain(); again {
		// The database can be reached again. What was asked before may wait for answers that never come.
		l.resetPool()
		l.cfg.Reconnected()
	}
	close(c.session.begun)
	return nil
}

// HandleNotification returns an error where the session has to end. The next one listens to all that is wanted.
func (c controlChannel) HandleNotification(ctx context.Context, n *pgconn.Notification, conn *pgx.Conn) error {
	if !c.session.listener.canaryArrived(n.Payload) {
		return nil
	}
	return c.session.followChanges(ctx, conn)
}

// otherChannel takes what arrives on any other channel. It is the same for all, because pgxlisten keeps handlers until the
// connection ends, and should keep nothing of a channel that nobody wants any more.
type otherChannel struct{ listener *Listener }

// HandleNotification passes the notification on, unless its channel is about to be listened to no more.
func (o otherChannel) HandleNotification(_ context.Context, n *pgconn.Notification, _ *pgx.Conn) error {
	if h := o.listener.handler(n.Channel); h != nil {
		h.Notified(n.Payload)
	}
	return nil
}

// followChanges makes the connection listen to what is wanted and to nothing else, and calls the handlers of the channels that
// were added.
func (s *session) followChanges(ctx context.Context, conn *pgx.Conn) error {
	listen, handlers, unlisten := s.listener.takeChanges(s.listening)
	for chunk := range slices.Chunk(listen, maxListen) {
		if err := db.Listen(ctx, conn, chunk, nil); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(unlisten, maxListen) {
		if err := db.Listen(ctx, conn, nil, chunk); err != nil {
			return err
		}
	}
	for _, channel := range listen {
		s.listening[channel] = true
		s.pgx.Handle(channel, otherChannel{s.listener})
	}
	for _, channel := range unlisten {
		delete(s.listening, channel) // pgxlisten keeps the name: some 100 bytes
	}
	s.listener.listens(handlers)
	return nil
}
