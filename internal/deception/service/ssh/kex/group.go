package kex

import (
	"crypto/rand"
	"fmt"
	"hash"
	"math/big"
	"sync"

	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Messages of diffie-hellman-group-exchange (RFC 4419).
const (
	messageGexGroup   = 31
	messageGexInit    = 32
	messageGexReply   = 33
	messageGexRequest = 34
)

// Bounds of what sshd lets a client choose, in bits.
const (
	leastBits = 2048
	mostBits  = 8192
)

// groups are the primes of RFC 3526 by size.
var groups = sync.OnceValue(func() map[int]*big.Int {
	out := map[int]*big.Int{}
	for size, offset := range map[int]int64{2048: 124476, 4096: 240904, 8192: 4743158} {
		out[size] = mody(size, offset)
	}
	return out
})

// mody is a prime by the formula that RFC 3526 gives each of its groups:
// 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + offset).
func mody(n int, offset int64) *big.Int {
	power := func(e int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(e)) }
	middle := new(big.Int).Add(pi(n-130), big.NewInt(offset))
	out := new(big.Int).Sub(power(n), power(n-64))
	out.Sub(out, big.NewInt(1))
	return out.Add(out, middle.Lsh(middle, 64))
}

// pi is floor(2^bits * pi), by Machin: pi = 16 atan(1/5) - 4 atan(1/239).
func pi(bits int) *big.Int {
	const guard = 64 // bits that rounding may spoil
	atan := func(x int64) *big.Int {
		term := new(big.Int).Lsh(big.NewInt(1), uint(bits+guard))
		term.Quo(term, big.NewInt(x))
		sum, square := new(big.Int).Set(term), big.NewInt(x*x)
		for n := int64(3); term.Sign() > 0; n += 2 {
			term.Quo(term, square)
			part := new(big.Int).Quo(term, big.NewInt(n))
			if n%4 == 3 {
				part.Neg(part)
			}
			sum.Add(sum, part)
		}
		return sum
	}
	a, b := atan(5), atan(239)
	a.Lsh(a, 4)
	return a.Sub(a, b.Lsh(b, 2)).Rsh(a, guard)
}

func group(size int) func(Messages, *Input, func() hash.Hash) (*Result, error) {
	return func(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
		return diffieHellman(m, in, new, modulus{p: groups()[size], g: 2}, shape{init: messageInit, reply: messageReply})
	}
}

// modulus is a group of numbers: a prime and the generator.
type modulus struct {
	p *big.Int
	g int64
}

// shape tells the methods over numbers apart: the messages' numbers, and what
// precedes the two values in the hash.
type shape struct {
	init, reply byte
	before      wire.Packet
}

func diffieHellman(m Messages, in *Input, new func() hash.Hash, g modulus, s shape) (*Result, error) {
	packet, err := m.Receive(s.init)
	if err != nil {
		return nil, err
	}
	r := wire.Read(packet[1:])
	theirs := fromBytes(r.Mpint(mostBits / 8))
	if !r.End() || !valid(theirs, g.p) {
		return nil, ErrMalformed
	}
	x, err := secretExponent(in.Need, g.p)
	if err != nil {
		return nil, err
	}
	ours := exp(big.NewInt(g.g), x, g.p).Bytes()
	shared := exp(theirs, x, g.p).Bytes()
	both := s.before.Mpint(theirs.Bytes()).Mpint(ours)
	return finish(m, in, new, s.reply, wire.Packet(nil).Mpint(ours), both, wire.Packet(nil).Mpint(shared))
}

func fromBytes(b []byte) *big.Int   { return new(big.Int).SetBytes(b) }
func exp(b, e, m *big.Int) *big.Int { return new(big.Int).Exp(b, e, m) }

// secretExponent has twice as many bits as the keys need, as sshd's.
func secretExponent(need int, p *big.Int) (*big.Int, error) {
	size := min(2*max(8*need, 256), p.BitLen()-1)
	top := new(big.Int).Lsh(big.NewInt(1), uint(size-1))
	x, err := rand.Int(rand.Reader, top)
	if err != nil {
		return nil, fmt.Errorf("drawing an exponent: %w", err)
	}
	return x.Add(x, top), nil
}

// valid reports whether a client's value is in the group and not one of those
// that give the secret away: sshd also refuses those with hardly a bit set.
func valid(y, p *big.Int) bool {
	minusOne := new(big.Int).Sub(p, big.NewInt(1))
	if y.Cmp(big.NewInt(1)) <= 0 || y.Cmp(minusOne) >= 0 {
		return false
	}
	set := 0
	for i := 0; i < y.BitLen() && set < 4; i++ {
		set += int(y.Bit(i))
	}
	return set >= 4
}

// chosenGroup lets the client say how large a prime it wants.
func chosenGroup(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	packet, err := m.Receive(messageGexRequest)
	if err != nil {
		return nil, err
	}
	r := wire.Read(packet[1:])
	least, wanted, most := r.Uint32(), r.Uint32(), r.Uint32()
	if !r.End() || most < least || wanted < least || most < wanted || most < leastBits {
		return nil, ErrMalformed
	}
	g := choose(bounded(least), bounded(wanted), int(min(most, mostBits)), in.Choose)
	prime, generator := g.p.Bytes(), big.NewInt(g.g).Bytes()
	if err := m.Send(wire.Message(messageGexGroup).Mpint(prime).Mpint(generator)); err != nil {
		return nil, err
	}
	before := wire.Packet(nil).Uint32(least).Uint32(wanted).Uint32(most).Mpint(prime).Mpint(generator)
	return diffieHellman(m, in, new, g, shape{init: messageGexInit, reply: messageGexReply, before: before})
}

func bounded(n uint32) int { return int(min(max(n, leastBits), mostBits)) }
