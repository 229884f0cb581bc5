// Package alarm checks every few seconds for orders that nobody has seen, and sends the alarms on.
//
// One node at a time checks, for all restaurants. The function kitchen.check_unseen in the database chooses the node, stores the alarms
// that are on, and notifies of each change. So an alarm begins once and ends once, even if the node that checks dies. This package
// has the interval, the log, and the web hook.
//
// The package knows db. It must not know sockets or displays, which learn of alarms by the notification.
package alarm
