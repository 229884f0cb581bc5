package node

import (
	"cmp"
	"time"

	"kitchen/ws"
)

// Limits bound what displays, and any other client that finds the address, can make a node hold or do. A zero means the default, of ws
// for displays and of New for the rest.
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
	// besideDisplays is, by default, how many connections there may be besides those of displays: of probes, pages, and displays that
	// are joining or were refused.
	besideDisplays = 1024
	// otherFiles are the files of a process that are no connections of displays: to the database, listeners, metrics.
	otherFiles = 64
)

func (l *Limits) setDefaults() {
	l.HeaderBytes = cmp.Or(l.HeaderBytes, DefaultHeaderBytes)
	l.HeaderTime = cmp.Or(l.HeaderTime, defaultHeaderTime)
	l.requestTime = cmp.Or(l.requestTime, defaultRequestTime)
	l.answerTime = cmp.Or(l.answerTime, defaultAnswerTime)
}

// connections limits the connections at a time, so that the process can always open a file.
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
