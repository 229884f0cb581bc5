package node

import (
	"cmp"
	"time"

	"kitchen/ws"
)

// Limits bound what displays, and whoever else finds the address, can make a node hold or do. What is zero is left to ws
// or, of what is not the displays', to New.
type Limits struct {
	Displays    ws.Limits
	Times       ws.Times
	HeaderBytes int           // of a request
	HeaderTime  time.Duration // for a request's header to arrive
	Connections int           // at a time, displays and all others

	requestTime time.Duration // for a request's body, beyond its header
	answerTime  time.Duration // for an answer; sockets have bounds of their own
}

const (
	DefaultHeaderBytes = 16 << 10
	defaultHeaderTime  = 5 * time.Second
	DefaultTokenBytes  = 4 << 10

	defaultRequestTime = 5 * time.Second
	defaultAnswerTime  = 30 * time.Second
	// besideDisplays is how many connections there may be, by default, that are no displays: of probes, pages, and displays
	// that are about to join or were refused.
	besideDisplays = 1024
	// otherFiles of a process are no connections of displays: those to the database, the addresses, the metrics.
	otherFiles = 64
)

func (l *Limits) setDefaults() {
	l.HeaderBytes = cmp.Or(l.HeaderBytes, DefaultHeaderBytes)
	l.HeaderTime = cmp.Or(l.HeaderTime, defaultHeaderTime)
	l.requestTime = cmp.Or(l.requestTime, defaultRequestTime)
	l.answerTime = cmp.Or(l.answerTime, defaultAnswerTime)
}

// connections is how many there may be at a time: never so many that the process could open no more files.
func (l *Limits) connections(displays int) int {
	n := l.Connections
	if n == 0 {
		n = displays + besideDisplays
	}
	if files := openFiles(); files > 0 {
		n = min(n, max(files-otherFiles, files/2))
	}
	return n
}
