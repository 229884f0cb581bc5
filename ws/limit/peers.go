package limit

import (
	"sync"
	"time"
)

// maxPeers limits how many are remembered, so that a flood from many addresses takes no more memory.
const maxPeers = 10_000

// Peers limits how often each of many peers, and all of them together, may do something. It may be used from any goroutine.
type Peers struct {
	each, all Rate

	mu    sync.Mutex
	node  Allowance
	peers map[string]*Allowance // of those that are not full
}

// NewPeers makes the limits of peers of whom none has come yet.
func NewPeers(each, all Rate) *Peers {
	return &Peers{each: each, all: all, peers: make(map[string]*Allowance)}
}

// Take counts one of a peer, and reports whether it is within both rates. The peer's own comes first, so that what it is refused
// takes nothing from the others.
func (p *Peers) Take(peer string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.peers[peer]
	if a == nil {
		if len(p.peers) >= maxPeers {
			p.forget(now)
		}
		if len(p.peers) >= maxPeers {
			return false
		}
		a = &Allowance{}
		p.peers[peer] = a
	}
	return a.Take(now, p.each) && p.node.Take(now, p.all)
}

func (p *Peers) forget(now time.Time) {
	for peer, a := range p.peers {
		if a.full(now) {
			delete(p.peers, peer)
		}
	}
}
