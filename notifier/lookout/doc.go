// Package lookout has the fleet look for orders that nobody has seen, and passes the alarms on.
//
// One node at a time looks, for all restaurants: the function kitchen.look_out in the database decides which one, remembers what is
// on, and announces what changes. So an alarm begins once and ends once, whichever node looks, and whatever becomes of it. Here
// are the interval, the log, and the web hook.
//
// The package knows db. It must never know of sockets or displays: these learn of alarms by the notification.
package lookout
