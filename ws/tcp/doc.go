// Package tcp holds the TCP connections of a node and bounds what each can cost.
//
// A [Listener] bounds how many connections there are, so that clients that never become a display keep no display out. A [Conn] is
// the connection of one display once net/http has given it up: it can be written to without waiting, and its write timeout runs
// only while the peer takes nothing, over TLS as over TCP. The kernel's buffers of both are bounded.
//
// The package knows nothing of WebSockets: frames are bytes here.
package tcp
