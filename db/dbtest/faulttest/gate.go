package faulttest

import (
	"sync"
)

// Gate holds back a request or an answer in a [Proxy].
type Gate struct {
	Reached chan struct{} // closed when something is held back

	text     string
	answer   bool
	reach    sync.Once
	released chan struct{}
	release  sync.Once
}

// Release lets it through, and holds nothing back any more.
func (g *Gate) Release() { g.release.Do(func() { close(g.released) }) }

func (g *Gate) wait() {
	g.reach.Do(func() { close(g.Reached) })
	<-g.released
}

// Hold holds back the next request with this text in it, and all later ones on that connection, before they reach the server.
func (p *Proxy) Hold(text string) *Gate { return p.gate(text, false) }

// HoldAnswer holds back the answer to such a request, which the server has received.
func (p *Proxy) HoldAnswer(text string) *Gate { return p.gate(text, true) }

func (p *Proxy) gate(text string, answer bool) *Gate {
	g := &Gate{Reached: make(chan struct{}), text: text, answer: answer, released: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gates = append(p.gates, g)
	return g
}
