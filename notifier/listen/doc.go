// Package listen holds the one connection of a process on which the database's notifications arrive, and knows when they do not.
//
//	Listener    the channels that are wanted, and one session after the other
//	  session     a connection, and what it listens to, on the goroutine that owns it
//	  canary      a notification of our own each second: while it arrives, those of others do
//	  Generation  a time without a break in which changes are announced and arrive
//	Handler     what is done with the notifications of one channel
//
// A notification is only a hint. What was committed before LISTEN was answered is announced to nobody who was not listening, so a
// [Handler] reads what its channel is about after LISTEN was answered, and again in each generation.
//
// The package does not know what a channel is about: neither restaurants nor orders.
package listen
