// Package protocol has the messages between a display and the server that do not come from the database, as bytes.
//
// [ParseRequest] reads what a display sends. [Problem], [Ack], [Authenticated], [RecentOrders] and [Heartbeat] are the documents
// that answer it; those of orders come ready from the feed. [Frame] makes a document what goes over the socket. PROTOCOL.md
// describes all of them to those who write displays.
//
// The package neither waits nor keeps anything: what is done about a message is the business of package ws.
package protocol
