// Package notifier turns notifications of the database into the messages that displays get.
//
// A notification is a hint, the database is the truth, the difference is the event. For each watched restaurant a kitchen
// keeps the open orders in memory. Whatever wakes it (a notification, a reconnect, a bulk import, the periodic check), it
// reads rows, compares them with what it sent last, and sends the differences. So lost, repeated, reordered and forged
// notifications do no harm, and recovery after an outage is the same code as normal work.
//
//	listen     a package: the one LISTEN connection, and whether notifications arrive on it
//	hint       marks what may have changed as dirty
//	reader     takes everything that is marked at once and reads it with one query, for every kitchen of the process
//	  dirty, schedule      what has to be read, and which kitchen waits for which worker
//	kitchen    compares, decides, and sends to its subscribers, one goroutine at a time
//	  sent, apply          the queue as it was sent, and what a read changes of it
//	check      asks every half minute whether what nobody announced has changed
//	triggers, gauge        whether changes are announced at all
//	presence, screens      what the displays of all nodes show
//
// Two locks matter. A kitchen's seq is held while it compares and sends; reader.mu guards what is marked, and is taken under
// seq, never the other way round.
//
// The package owns the LISTEN connection and every goroutine that it starts; [Notifier.Run] waits for them. It knows db and
// listen. It must never know of sockets, displays or tokens: a [Subscriber] may be on another machine one day. FAULTS.md lists what it
// is tested to survive.
package notifier
