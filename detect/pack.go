package detect

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"sync"
)

// The builtin rules are read from a packed form of rules/*.yaml, which "make
// generate" renews: parsing that much YAML and that many regexes would take most
// of a second at every start. Beside each rule the pack holds what Compile would
// find out about its regex.

//go:embed rules/builtin.pack
var packed string

// pack is the unpacked form.
type pack struct {
	rules []Rule
	plans map[string]*plan // by regex
}

var errPack = errors.New("the pack of builtin rules is damaged")

var unpacked = sync.OnceValues(func() (*pack, error) { return unpack(packed) })

// plannedFor returns the plan of a builtin regex, nil of another.
func plannedFor(regex string) *plan {
	if p, err := unpacked(); err == nil {
		return p.plans[regex]
	}
	return nil
}

// unpack reads what the tests' packer writes: numbers as varints, texts behind
// their length, lists behind their number of entries.
func unpack(data string) (*pack, error) {
	u := unpacker{rest: data}
	n := u.count()
	p := &pack{rules: make([]Rule, 0, n), plans: make(map[string]*plan, n)}
	for range n {
		r := u.rule()
		p.rules = append(p.rules, r)
		p.plans[r.Regex] = u.plan()
	}
	if u.failed || u.rest != "" {
		return nil, errPack
	}
	return p, nil
}

type unpacker struct {
	rest   string
	failed bool
}

func (u *unpacker) number() int {
	var buf [binary.MaxVarintLen64]byte
	v, n := binary.Varint(buf[:copy(buf[:], u.rest)])
	if n <= 0 {
		u.failed, u.rest = true, ""
		return 0
	}
	u.rest = u.rest[n:]
	return int(v)
}

// count is the number of what follows, each of which takes a byte at least.
func (u *unpacker) count() int {
	n := u.number()
	if n < 0 || n > len(u.rest) {
		u.failed, u.rest = true, ""
		return 0
	}
	return n
}

func (u *unpacker) text() string {
	n := u.count()
	s := u.rest[:n]
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) texts() []string {
	n := u.count()
	if n == 0 {
		return nil
	}
	out := make([]string, 0, n)
	for range n {
		out = append(out, u.text())
	}
	return out
}

func (u *unpacker) flag() bool { return u.number() != 0 }

func (u *unpacker) float() float64 { return math.Float64frombits(uint64(u.number())) }

func (u *unpacker) rule() Rule {
	return Rule{
		ID: u.text(), Description: u.text(), Family: u.text(), Provider: u.text(), Regex: u.text(), SecretGroup: u.number(),
		Keywords: u.texts(), Near: u.number(), Entropy: u.float(), Severity: Severity(u.number()), Confidence: u.float(), Active: u.flag(),
		Generic: u.flag(), Tags: u.texts(), Validator: u.text(), Revoker: u.text(), SecretType: u.text(), Positives: u.texts(),
		Negatives: u.texts(), Allowlist: u.allowlist(), Recommendation: u.text(),
	}
}

func (u *unpacker) allowlist() Allowlist {
	return Allowlist{Regexes: u.texts(), MatchRegexes: u.texts(), LineRegexes: u.texts(), Stopwords: u.texts()}
}

func (u *unpacker) distance() distance {
	return distance{known: u.flag(), reach: u.number(), within: u.number()}
}

func (u *unpacker) plan() *plan {
	p := &plan{span: u.number(), endless: u.flag(), run: u.distance(), value: u.distance(), groups: u.number(), secret: u.number()}
	if u.flag() {
		p.gate = &gate{least: u.number(), words: u.number()}
	}
	for range u.count() {
		p.parts = append(p.parts, part{literals: u.texts(), firsts: u.text(), low: u.number(), high: u.number(), word: u.flag()})
	}
	return p
}
