package transport

import "strings"

// paced is an exchange that computes in its turn: from what the client sent until the
// answer to it is ready. Nobody has a turn while he waits for a client.
type paced struct {
	exchange
	turn Turn
	end  func() // of a turn; nil: there is none
}

// turnFor is the connection's turn when a method costs much: one with numbers of
// thousands of bits does, a hundred times as much as others with the largest; and
// so does any that a client repeats as often as he likes.
func (c *Conn) turnFor(method string) Turn {
	if c.turn == nil || c.initial && !strings.HasPrefix(method, "diffie-hellman-") {
		return func() (func(), error) { return func() {}, nil }
	}
	return c.turn
}

// Receive implements kex.Messages.
func (p *paced) Receive(number byte) ([]byte, error) {
	p.done()
	packet, err := p.exchange.Receive(number)
	if err == nil {
		p.end, err = p.turn()
	}
	return packet, err
}

// Send implements kex.Messages.
func (p *paced) Send(message []byte) error {
	p.done()
	return p.exchange.Send(message)
}

// done ends a turn, if there is one.
func (p *paced) done() {
	if p.end != nil {
		p.end()
		p.end = nil
	}
}
