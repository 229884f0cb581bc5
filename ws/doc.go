// Package ws owns the kitchen displays of one node: who may connect, what is sent to whom, and when a socket ends.
//
// A [Server] answers the handshake of GET /ws/kitchen/{restaurant_id}/, checks the credential with [credential.Keys] and a [Store],
// and makes the display a member of the [Group] of its restaurant. A [Feed] delivers to the group what its displays show: snapshots
// and events, each a JSON document that was encoded once. The group turns a document into one frame, puts that frame into
// the bounded queue of each display, and one writer at a time empties a queue into its socket.
//
// What the package promises:
//
//   - A display's first message is an initial_queue. Events reach it without a gap after that, or not at all: when its
//     queue is full its events are dropped, and once it reads again it gets a fresh initial_queue.
//   - Nothing that the feed calls waits for a socket. A write that would wait is finished by a goroutine of its own.
//   - A display may do what its token and its user permit now. It is closed when the token expires or its key is withdrawn,
//     and closed or limited when the user changes, which [Server.Recheck] reports.
//   - Nothing that a peer does grows without a bound of [Limits] and [Times]; SECURITY.md has the list, with the tests.
//   - Locks are taken in the order server, group, display, and none is held while a socket is read or written.
//   - A display has one goroutine, which reads its socket and outlives every writer of it. The server waits for them all
//     in [Server.Drain].
//
// The packages below it do not know displays: tcp (limits of a connection), origin (which pages may connect), credential (whose a
// token is), protocol (messages as bytes), closing (why a display is closed), limit (how often a peer may do something).
//
// The package must never know SQL, a database driver, or the packages that read the database: all of that is behind
// [Feed] and [Store]. It reads no environment, and never logs a token or a query string.
package ws
