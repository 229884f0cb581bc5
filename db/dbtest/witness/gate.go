package witness

import (
	"sync"
)

// Gate holds up what goes through a [Proxy].
type Gate struct {
	Reached chan struct{} // closed when something is held up

	text     string
	answer   bool
	reach    sync.Once
	released chan struct{}
	release  sync.Once
}

// Release lets go what is held up, and holds up nothing more.
func (g *Gate) Release() { g.release.Do(func() { close(g.released) }) }

func (g *Gate) wait() {
	g.reach.Do(func() { close(g.Reached) })
	<-g.released
}

// Hold holds up the next request with this text in it, and everything after it on that connection, before the server has it.
func (p *Proxy) Hold(text string) *Gate { return p.gate(text, false) }

// HoldAnswer holds up the answer to such a request: the server has it, and the client does not know.
func (p *Proxy) HoldAnswer(text string) *Gate { return p.gate(text, true) }

func (p *Proxy) gate(text string, answer bool) *Gate {
	g := &Gate{Reached: make(chan struct{}), text: text, answer: answer, released: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gates = append(p.gates, g)
	return g
}
