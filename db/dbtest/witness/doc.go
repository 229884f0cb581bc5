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
package witness
