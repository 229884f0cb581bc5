// Package pairing gives screens device tokens, which an owner or a manager confirms.
//
// A screen asks for a code and gets a device token with it. The token is not valid until somebody confirms the code: an owner or
// a manager on the page /pair, or an operator with kitchen pair or in SQL. The database holds only hashes of the code and the token.
// A code expires after minutes and works once. Attempts are limited by network address, by user, and in total.
//
// The package answers HTTP with JSON. It knows neither sockets nor SQL.
package pairing
