package kex

import (
	_ "embed"
	"math/big"
	"strconv"
	"strings"
)

//go:embed moduli.txt
var moduli string

// offered is one line of the moduli: a prime is a base and an increment.
type offered struct {
	size      int
	generator int64
	base, add string
}

// lines reads the moduli in their order. The file is part of the program; what
// it cannot read of a line is zero, and a test looks at each prime.
func lines() (out []offered) {
	size, base := 0, ""
	for line := range strings.Lines(moduli) {
		first, second, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(first)
		switch {
		case !ok || err != nil: // a comment
		case n >= leastBits:
			size, base = n, second
		default:
			out = append(out, offered{size: size, generator: int64(n), base: base, add: second})
		}
	}
	return out
}

func (o offered) modulus() modulus {
	p, _ := new(big.Int).SetString(o.base, 16)
	add, _ := new(big.Int).SetString(o.add, 10)
	return modulus{p: p.Add(p, add), g: o.generator}
}

// choose returns one of the primes of the size that suits best, as sshd does:
// the smallest size from the wanted one on, or else the largest below. draw
// returns a random number below n. Without a fitting one it is a fixed group.
func choose(least, wanted, most int, draw func(n int) int) modulus {
	best, fitting := 0, []offered(nil)
	for _, o := range lines() {
		if o.size > most || o.size < least {
			continue
		}
		if o.size > wanted && o.size < best || o.size > best && best < wanted {
			best, fitting = o.size, nil
		}
		if o.size == best {
			fitting = append(fitting, o)
		}
	}
	if len(fitting) > 0 {
		return fitting[draw(len(fitting))].modulus()
	}
	switch {
	case most < 3072:
		return modulus{p: groups()[2048], g: 2}
	case most < 6144:
		return modulus{p: groups()[4096], g: 2}
	}
	return modulus{p: groups()[8192], g: 2}
}
