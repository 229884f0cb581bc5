// Package witness is what the tests of faults have in common: writers who write plain SQL from a known seed, displays that
// fold messages as a client does and remember when they saw what, and the verdict on what they saw.
//
// The verdict is reached from outside of the code under test, from three records: what the writers committed and when,
// what the database says of itself (a trigger of the tests notes every version of every order), and what each display was
// sent. It knows nothing of notifiers and sockets: a test hands a display its messages.
//
//	writers   commit changes, and note id, version and time of each
//	display   notes when what came, and folds it: which version it had when, and when it was told to be live
//	verdict   every queue is the database's; nothing went back; nothing of another tenant; nothing that was never committed;
//	          nobody was told to be live while being behind
//	proxy     stands before a server, and cuts, swallows, delays or holds what goes through
//
// The proxy stays by hand. github.com/Shopify/toxiproxy/v2 can cut, slow down and swallow a connection too, but chooses by time and
// by rate: these tests choose by what goes through ("hold the answer to this LISTEN", "cut at the third read of orders"), and are told
// when it was met, so that a write falls between two steps of a reconnect every time. A toxic of our own would have to put
// messages together from the pieces that toxiproxy passes on, which is most of this proxy.
package witness
