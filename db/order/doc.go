// Package order says what an order is to a kitchen: its ids, its statuses and the moves between them, the order as it is
// read and shown, and the answers to a request to move one. The packages that read the database, that send changes and that
// hold displays all know it, so that an order has one form from the database to the screen.
//
// The package does no I/O. It knows no driver, no socket and no other package of this program.
package order
