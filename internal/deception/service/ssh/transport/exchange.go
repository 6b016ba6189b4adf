package transport

import (
	"go.cordon.dev/cordon/internal/deception/service/ssh/hostkey"
	"go.cordon.dev/cordon/internal/deception/service/ssh/kex"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// begin sends our KEXINIT; until the keys are there only the exchange writes.
func (c *Conn) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.beginLocked()
}

func (c *Conn) beginLocked() error {
	c.ourInit = c.opt.Lists.message()
	return c.writeLocked(c.ourInit)
}

// exchange is what a method of key exchange sees of a connection.
type exchange struct{ *Conn }

// Receive implements kex.Messages. A message that does not belong there is
// answered as sshd does.
func (e exchange) Receive(number byte) ([]byte, error) {
	for {
		packet, err := e.next()
		switch {
		case err != nil:
			return nil, err
		case packet[0] == number:
			return packet, nil
		case packet[0] >= 50: // of a protocol above; sshd closes the connection
			return nil, ErrMalformed
		case e.initial && e.strict:
			return nil, violation("strict KEX violation: unexpected packet type %d (seqnr %d)", packet[0], e.LastNumber())
		}
		if err := e.write(wire.Message(MsgUnimplemented).Uint32(e.LastNumber())); err != nil {
			return nil, err
		}
	}
}

// Send implements kex.Messages.
func (e exchange) Send(message []byte) error { return e.write(message) }

// signer signs with the host key that was agreed upon.
type signer struct {
	key       *hostkey.Key
	algorithm string
}

func (s signer) Sign(data []byte) ([]byte, error) { return s.key.Sign(s.algorithm, data) }

// exchange goes on with the client's KEXINIT and ends with new keys in use.
func (c *Conn) exchange(theirInit []byte) error {
	theirs, follows, err := parseInit(theirInit)
	if err != nil {
		return err
	}
	if c.initial {
		c.peer.Lists = theirs
	}
	ours, err := c.answer()
	if err != nil {
		return err
	}
	algs, err := agree(&theirs, &c.opt.Lists, follows)
	if c.initial {
		if c.strict = algs.strict && has(c.opt.Lists[ListKex], "kex-strict-s-v00@openssh.com"); c.strict && c.in.seq != 1 {
			return violation("strict KEX violation: KEXINIT was not the first packet")
		}
	}
	if err != nil {
		return err
	}
	if algs.skip {
		if _, err := c.next(); err != nil {
			return err
		}
	}
	return c.run(algs, theirInit, ours)
}

// answer sends our KEXINIT unless that was the first.
func (c *Conn) answer() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ourInit == nil {
		if err := c.beginLocked(); err != nil {
			return nil, err
		}
	}
	return c.ourInit, nil
}

func (c *Conn) run(algs agreement, theirInit, ourInit []byte) error {
	key, err := c.opt.Keys.For(algs.hostKey)
	if err != nil {
		return err
	}
	m := &paced{exchange: exchange{c}, turn: c.turnFor(algs.kex)}
	defer m.done()
	result, err := kex.Run(algs.kex, m, &kex.Input{
		ClientIdent: c.peer.Ident, ServerIdent: c.opt.Ident, ClientInit: theirInit, ServerInit: ourInit,
		HostKey: key.Blob, Signer: signer{key, algs.hostKey}, Need: algs.need(), Choose: draw,
	})
	if err != nil {
		return err
	}
	if c.session == nil {
		c.session = result.Hash
	}
	in, err := algs.keyed(result, c.session, 0)
	if err != nil {
		return err
	}
	out, err := algs.keyed(result, c.session, 1)
	if err != nil {
		return err
	}
	c.algs = algs
	return c.switchKeys(in, out)
}

// need is the length of the longest key.
func (a *agreement) need() (n int) {
	for side := range 2 {
		s := ciphers()[a.cipher[side]]
		n = max(n, s.key, s.iv, s.block)
		if !s.alone {
			n = max(n, macs()[a.mac[side]].key)
		}
	}
	return n
}

// keyed makes the protection of one side: 0 the client's, 1 ours.
func (a *agreement) keyed(r *kex.Result, session []byte, side int) (protection, error) {
	use := func(first byte) byte { return first + byte(side) }
	s := ciphers()[a.cipher[side]]
	var m *mac
	if !s.alone {
		c := macs()[a.mac[side]]
		t, err := c.make(r.Derive(use('E'), session, c.key))
		if err != nil {
			return nil, err
		}
		m = &mac{t, c.outer}
	}
	return s.make(r.Derive(use('C'), session, s.key), r.Derive(use('A'), session, s.iv), m)
}

// switchKeys says NEWKEYS, uses the new keys, sends what waited, and waits until
// the client has done the same.
func (c *Conn) switchKeys(in, out protection) error {
	if err := c.switchOut(out); err != nil {
		return err
	}
	packet, err := exchange{c}.Receive(MsgNewKeys)
	if err != nil {
		return err
	}
	if len(packet) != 1 {
		return ErrMalformed
	}
	c.in.renew(in, c.limit(0), c.strict)
	if c.in.squeeze, err = c.squeeze(0); err != nil {
		return err
	}
	c.initial = false
	return c.release()
}

func (d *direction) renew(p protection, limit uint64, reset bool) {
	d.protection, d.limit, d.bytes, d.packets = p, limit, 0, 0
	if reset {
		d.seq = 0
	}
}

func (c *Conn) switchOut(out protection) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.writeLocked([]byte{MsgNewKeys}); err != nil {
		return err
	}
	c.out.renew(out, c.limit(1), c.strict)
	var err error
	if c.out.squeeze, err = c.squeeze(1); err != nil {
		return err
	}
	if c.initial && c.algs.extInfo {
		return c.writeLocked(wire.Message(MsgExtInfo).Uint32(2).Text("server-sig-algs").Text(c.opt.SigAlgs).
			Text("publickey-hostbound@openssh.com").Text("0"))
	}
	return nil
}

// release sends what waited for keys.
func (c *Conn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ourInit = nil
	waiting := c.waiting
	c.waiting, c.waitingFor = nil, 0
	for _, message := range waiting {
		if err := c.writeLocked(message); err != nil {
			return err
		}
	}
	c.changed.Broadcast()
	return nil
}

// limit is after how many bytes sshd exchanges keys again: 2^32 blocks of 16
// bytes, or a gibibyte with smaller ones (RFC 4344, section 3.2).
func (c *Conn) limit(side int) uint64 {
	if c.opt.RekeyBytes > 0 {
		return c.opt.RekeyBytes
	}
	if ciphers()[c.algs.cipher[side]].block >= 16 {
		return 16 << 32
	}
	return 1 << 30
}
