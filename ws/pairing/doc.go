// Package pairing lets a screen that has no token ask for a device token, and somebody who may confirm it.
//
// A screen asks for a code and gets a device token with it, which is worth nothing until an owner or manager confirms the code: with their
// token, on the page at /pair, or at the database's side. Only hashes of both are kept, so that nobody can read there what a screen
// shows or holds. Codes live for minutes and are used once, and attempts are counted: of each address, of each user, and of all together.
//
// The package answers HTTP with JSON. It knows neither sockets nor SQL.
package pairing
