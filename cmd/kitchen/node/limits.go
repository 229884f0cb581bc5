package node

import (
	"time"

	"kitchen/ws"
)

// Limits bound what displays, and whoever else finds the address, can make a node hold or do. What is zero is left to ws
// or, of the last two, to newNode.
type Limits struct {
	Displays    ws.Limits
	Times       ws.Times
	HeaderBytes int           // of a request
	HeaderTime  time.Duration // for a request's header to arrive
}

const (
	DefaultHeaderBytes = 16 << 10
	defaultHeaderTime  = 5 * time.Second
	DefaultTokenBytes  = 4 << 10
)
