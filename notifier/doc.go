// Package notifier turns notifications of the database into what displays are told.
//
// A notification is a hint, the database is the truth, the difference is the event. For each watched restaurant a kitchen
// keeps the open orders in memory. Whatever wakes it — a notification, a reconnect, a bulk import, the periodic check —
// it reads rows, compares them with what it told last, and tells the differences. So lost, repeated, reordered and forged
// notifications do no harm, and recovery after an outage is the same code as normal work.
//
//	listener   one LISTEN connection; marks what may have changed; knows when it is deaf
//	reader     takes all marks at once and reads them with one query, for every kitchen of the process
//	kitchen    compares, decides, and tells its subscribers, one goroutine at a time
//	check      every half minute, asks whether what nobody announced has changed
//
// The package owns the LISTEN connection and every goroutine that it starts; [Notifier.Run] waits for them. It knows db. It
// must never know of sockets, displays or tokens: a [Subscriber] may be on another machine one day.
package notifier
