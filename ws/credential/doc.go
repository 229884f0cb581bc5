// Package credential decides whom a token belongs to, and what that user may do.
//
// [OfRequest] finds the token of a handshake, [Keys] verify it, and [RoleIn] and [MayUpdate] say what the user's entries in the
// database permit. Keys are secrets, public keys in PEM, or the key set of an address, which [RemoteKeys] follows. Whatever is
// refused comes with the [closing.Reason] that the display is closed with.
//
// The package asks no database and knows no socket. It never puts a token, or a part of one, into an error or a log line.
package credential
