package ws

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/ws/closing"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
	"kitchen/ws/protocol"
)

// progress says how much of its restaurant's orders a display has been sent.
type progress uint8

const (
	joining progress = iota // it waits for its first initial_queue, and gets no other message before
	current                 // it has all orders, and gets every event
	behind                  // it missed events, and will need a new initial_queue once it has read what waits
	stale                   // it missed events, has read all that waited, and needs a new initial_queue now
)

// display is one socket.
type display struct {
	// Static after construction.
	server  *Server
	conn    *websocket.Conn // for reading only
	socket  *socket
	id      uint64
	joined  time.Duration // since the server started
	refused bool          // it is counted in server.refusals, no longer in server.places

	group *Group   // nil until it has joined; set before the reader starts
	index int      // its index in group.members, guarded by group.mu
	shows []string // ids of stations; nil: everything; guarded by group.mu
	// Its position in the wheel of heartbeats; guarded by server.mu.
	slot, indexInSlot int

	// Owned by the goroutine that reads.
	messages, controls limit.Allowance
	reading            bool // it reads the rest of a message, whose deadline must not be extended

	expires atomic.Int64                   // of its credential, in milliseconds since 1970; of a device token the largest number
	key     atomic.Pointer[credential.Key] // that has verified it; nil for a device token

	mu        sync.Mutex // guards everything below
	holder    holder
	nextPing  time.Duration  // since the server started
	cause     closing.Reason // of closing, for the log
	changed   chan struct{}  // closed at the next change of writing, progress, closing or inbox; made by await
	mayUpdate bool
	progress  progress
	screens   uint64 // the number of the last screens message that it was sent
	closing   bool   // no more messages: a close frame is queued, or the peer is gone
	writing   bool   // somebody writes, or is about to: the one who set it must flush
	inbox     inbox
	queue
}

func (s *Server) newDisplay(conn *websocket.Conn, k *socket) *display {
	d := &display{server: s, conn: conn, socket: k, id: s.lastID.Add(1), joined: s.elapsed()}
	d.nextPing = d.joined + s.untilPing()
	conn.SetPingHandler(d.onPing)
	conn.SetPongHandler(d.onPong)
	k.SetWriteTimeout(s.times.Write)
	k.display = d // from here on gorilla writes into the queue
	return d
}

// setGrant gives the display a credential.
func (d *display) setGrant(g grant) {
	d.mu.Lock()
	d.holder, d.mayUpdate = g.holder, g.mayUpdate
	d.mu.Unlock()
	expires := int64(math.MaxInt64)
	if !g.expires.IsZero() {
		expires = g.expires.UnixMilli()
	}
	d.expires.Store(expires)
	d.key.Store(g.key)
}

// close closes the display with a code. After the first call, it does nothing.
func (d *display) close(why closing.Reason) {
	if d.queueClose(why) {
		d.flush()
	}
}

// queueClose is close without writing, for callers that close many displays or hold a lock: where it reports idle, they flush.
func (d *display) queueClose(why closing.Reason) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.cause = why
	return d.queueCloseFrame(protocol.CloseFrame(why))
}

// queueCloseIfJoining is queueClose, only for a display that still waits for its first snapshot.
func (d *display) queueCloseIfJoining(why closing.Reason) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress != joining {
		return false
	}
	d.cause = why
	return d.queueCloseFrame(protocol.CloseFrame(why))
}

// refuse closes a display that may not join, and stops counting it at once, so that another can connect. Only Limits.Refusals
// of them may wait for their close handshake, so that a flood of bad tokens cannot hold sockets.
func (d *display) refuse(why closing.Reason) {
	d.refused = true
	d.server.release()
	crowded := d.server.refusals.Add(1) > int64(d.server.limits.Refusals)
	d.close(why)
	if crowded {
		d.socket.Cut()
	}
}

func (d *display) isClosing() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closing
}
