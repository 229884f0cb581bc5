package main

import (
	"time"

	"kitchen/ws"
)

// limits bound what displays, and whoever else finds the address, can make a node hold or do. What is zero is left to ws
// or, of the last two, to newNode.
type limits struct {
	displays    ws.Limits
	times       ws.Times
	headerBytes int           // of a request
	headerTime  time.Duration // for a request's header to arrive
}

const (
	defaultHeaderBytes = 16 << 10
	defaultHeaderTime  = 5 * time.Second
	defaultTokenBytes  = 4 << 10
)
