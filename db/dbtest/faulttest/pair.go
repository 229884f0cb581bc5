package faulttest

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// pair is the two halves of a connection.
type pair struct {
	client, server net.Conn

	mu   sync.Mutex
	gate *Gate // before the next answer
}

func (c *pair) close() { _ = c.client.Close(); _ = c.server.Close() }

func (p *Proxy) close(c *pair) {
	c.close()
	p.mu.Lock()
	delete(p.open, c.client)
	delete(p.open, c.server)
	p.mu.Unlock()
}

func (p *Proxy) requests(c *pair) {
	defer p.close(c)
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		if p.Blackhole.Load() {
			continue
		}
		gate, cut := p.match(buffer[:n])
		if cut {
			return
		}
		if gate != nil {
			if gate.answer {
				c.mu.Lock()
				c.gate = gate
				c.mu.Unlock()
			} else {
				gate.wait()
			}
		}
		if !p.write(c.server, buffer[:n]) {
			return
		}
	}
}

// match finds what is to happen at a request. A request comes in one piece, because clients write it so.
func (p *Proxy) match(request []byte) (gate *Gate, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cuts > 0 && bytes.Contains(request, []byte(p.cutText)) {
		p.cuts--
		return nil, true
	}
	for i, g := range p.gates {
		if bytes.Contains(request, []byte(g.text)) {
			select {
			case <-g.released:
			default:
				gate = g
				if g.answer {
					p.gates = append(p.gates[:i:i], p.gates[i+1:]...)
				}
				return gate, false
			}
		}
	}
	return nil, false
}

func (p *Proxy) answers(c *pair) {
	defer p.close(c)
	buffer := make([]byte, 64<<10)
	sent := int64(0)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		c.mu.Lock()
		gate := c.gate
		c.gate = nil
		c.mu.Unlock()
		if gate != nil {
			gate.wait()
		}
		if p.Blackhole.Load() || p.BlackholeAnswers.Load() {
			continue
		}
		answer := p.without(buffer[:n])
		if p.OtherPID.Load() {
			// BackendKeyData: 'K', length 12, process id, key.
			if i := bytes.Index(answer, []byte{'K', 0, 0, 0, 12}); i >= 0 {
				answer[i+8] ^= 0x55
			}
		}
		if after := p.CutAfter.Load(); after > 0 && sent+int64(len(answer)) >= after {
			_, _ = c.client.Write(answer[:max(after-sent, 0)])
			return
		}
		sent += int64(len(answer))
		if !p.write(c.client, answer) {
			return
		}
	}
}

// without takes the one notification out that is to be swallowed. A small one comes in one piece with others, if any.
func (p *Proxy) without(answer []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drop == "" {
		return answer
	}
	for at := 0; at+5 <= len(answer); {
		length := 1 + int(answer[at+1])<<24 + int(answer[at+2])<<16 + int(answer[at+3])<<8 + int(answer[at+4])
		if at+length > len(answer) {
			break
		}
		if answer[at] == 'A' && bytes.Contains(answer[at:at+length], []byte(p.drop)) {
			p.drop = ""
			return append(bytes.Clone(answer[:at]), answer[at+length:]...)
		}
		at += length
	}
	return answer
}

func (p *Proxy) write(to net.Conn, b []byte) bool {
	for len(b) > 0 {
		piece := b
		if most := p.Piece.Load(); most > 0 && int64(len(b)) > most {
			piece = b[:most]
		}
		if delay := p.Delay.Load(); delay != nil {
			time.Sleep((*delay)())
		}
		if _, err := to.Write(piece); err != nil {
			return false
		}
		b = b[len(piece):]
	}
	return true
}
