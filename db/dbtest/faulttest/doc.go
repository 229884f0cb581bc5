// Package faulttest is what the tests of faults share: writers that write plain SQL from a known seed, displays that build their
// queue from messages as a client does and record when each message came, and the checks of those records.
//
// The checks use nothing of the code under test but three records: what the writers committed and when, what the database holds (a
// trigger of the tests records every version of every order), and what each display received. The package knows nothing of notifiers
// and sockets: a test gives a display its messages.
//
//	writers   commit changes, and record id, version and time of each
//	display   records when it received each version, and when it was live
//	verdict   every queue is the database's; no version went back; nothing came from another tenant; nothing came that was never
//	          committed; no display was live while it missed a change
//	proxy     in front of a server: cuts, drops, delays or holds what goes through
//
// The proxy is our own. github.com/Shopify/toxiproxy/v2 can cut, slow down and drop as well, but it chooses by time and by rate.
// These tests choose by content ("hold the answer to this LISTEN", "cut at the third read of orders") and learn when it matched, so
// that a write comes between two steps of a reconnect every time. A plug-in for toxiproxy would have to assemble messages from the pieces
// that it passes on, which is most of this proxy.
package faulttest
