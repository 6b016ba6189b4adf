package detect

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"sync"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// The builtin rules are read from a packed form of rules/*.yaml, which "make
// generate" renews: parsing that much YAML and that many regexes would take most
// of a second at every start. Beside the rules the pack holds what Compile would
// find out about them: a plan for each regex, and the layout of the literals.
// Both are known by what they are about, so that they serve the builtin rules
// among others, with some of them left out, and those who copied them.

//go:embed rules/builtin.pack
var packed string

// pack is what is known of the builtin rules.
type pack struct {
	rules   string   // still packed
	regexes []string // of the rules
	plans   map[string]*plan
	sound   map[string]bool // expressions of allowlists
	layouts [layouts]anchor.Layout
}

// layouts is how many a pack has: one for each finder of a rule set.
const layouts = 1 + len(tiers)

var errPack = errors.New("the pack of builtin rules is damaged")

var unpacked = sync.OnceValues(func() (*pack, error) { return unpack(packed) })

// known is the pack of the builtin rules, or one in which there is nothing.
func known() *pack {
	if p, err := unpacked(); err == nil {
		return p
	}
	return &pack{}
}

// tables returns empty ones for about so many rules.
func (p *pack) tables(rules int) (t anchorTables) {
	most := literalsOfRule * rules
	t.heads = newAnchorTable(nil, most)
	for i, table := range t.finders() {
		*table = newAnchorTable(p.layouts[i], most)
	}
	t.known = p
	return t
}

// literalsOfRule is about how many a rule has.
const literalsOfRule = 4

// unpack reads what the tests' packer writes: numbers as varints, texts behind
// their length, lists behind their number of entries. A part of the pack says
// first how many texts its lists have together.
func unpack(data string) (*pack, error) {
	whole := unpacker{rest: data}
	p := &pack{rules: whole.text()}
	u := unpacker{rest: whole.text()}
	u.makeRoom()
	u.plans(p)
	p.sound = map[string]bool{}
	for range u.count() {
		p.sound[u.text()] = true
	}
	for i := range p.layouts {
		p.layouts[i] = u.layout()
	}
	if !whole.done() || !u.done() {
		return nil, errPack
	}
	return p, nil
}

// unpackRules returns the rules, which share nothing that can change.
func (p *pack) unpackRules() ([]Rule, error) {
	u := unpacker{rest: p.rules}
	u.makeRoom()
	rules := make([]Rule, u.count())
	for i := range rules {
		rules[i] = u.rule(p.regexes)
	}
	if !u.done() {
		return nil, errPack
	}
	return rules, nil
}

// unpacker reads a part of a pack. The texts are views into it.
type unpacker struct {
	rest   string
	room   []string // for what lists hold
	failed bool
}

func (u *unpacker) done() bool { return !u.failed && u.rest == "" }

func (u *unpacker) fail() { u.failed, u.rest = true, "" }

func (u *unpacker) number() int {
	if u.rest != "" && u.rest[0] < 0x80 {
		c := int(u.rest[0])
		u.rest = u.rest[1:]
		return c>>1 ^ -(c & 1)
	}
	var buf [binary.MaxVarintLen64]byte
	v, n := binary.Varint(buf[:copy(buf[:], u.rest)])
	if n <= 0 {
		u.fail()
		return 0
	}
	u.rest = u.rest[n:]
	return int(v)
}

// count is the number of what follows, each of which takes a byte at least.
func (u *unpacker) count() int {
	n := u.number()
	if n < 0 || n > len(u.rest) {
		u.fail()
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

// makeRoom makes room for all lists at once.
func (u *unpacker) makeRoom() { u.room = make([]string, u.count()) }

func (u *unpacker) texts() []string {
	n := u.count()
	if n > len(u.room) {
		u.fail()
		n = 0
	}
	if n == 0 {
		return nil
	}
	out := u.room[:n:n]
	u.room = u.room[n:]
	for i := range out {
		out[i] = u.text()
	}
	return out
}

func (u *unpacker) flag() bool { return u.number() != 0 }

func (u *unpacker) float() float64 { return math.Float64frombits(uint64(u.number())) }

func (u *unpacker) rule(regexes []string) Rule {
	return Rule{
		ID: u.text(), Description: u.text(), Family: u.text(), Provider: u.text(), Regex: u.oneOf(regexes), SecretGroup: u.number(),
		Keywords: u.texts(), Near: u.number(), Entropy: u.float(), Severity: Severity(u.number()), Confidence: u.float(), Active: u.flag(),
		Generic: u.flag(), Tags: u.texts(), Validator: u.text(), Revoker: u.text(), SecretType: u.text(), Positives: u.texts(),
		Negatives: u.texts(), Allowlist: u.allowlist(), Recommendation: u.text(),
	}
}

func (u *unpacker) oneOf(texts []string) string {
	i := u.number()
	if i < 0 || i >= len(texts) {
		u.fail()
		return ""
	}
	return texts[i]
}

func (u *unpacker) allowlist() Allowlist {
	return Allowlist{Regexes: u.texts(), MatchRegexes: u.texts(), LineRegexes: u.texts(), Stopwords: u.texts()}
}

func (u *unpacker) distance() distance {
	return distance{known: u.flag(), reach: u.number(), within: u.number(), least: u.number()}
}

// plans reads regexes and what is known of them.
func (u *unpacker) plans(p *pack) {
	n := u.count()
	p.regexes, p.plans = make([]string, n), make(map[string]*plan, n)
	plans := make([]plan, n)
	for i := range n {
		p.regexes[i], plans[i] = u.text(), u.plan()
		p.plans[p.regexes[i]] = &plans[i]
	}
}

func (u *unpacker) plan() plan {
	p := plan{span: u.number(), endless: u.flag(), run: u.distance(), value: u.distance(), line: u.flag(), digits: u.flag(), groups: u.number(), secret: u.number()}
	if u.flag() {
		p.gate = &gate{least: u.number(), words: u.number()}
	}
	if n := u.count(); n > 0 {
		p.parts = make([]part, n)
	}
	for i := range p.parts {
		p.parts[i] = part{literals: u.texts(), firsts: u.text(), low: u.number(), high: u.number(), word: u.flag()}
	}
	return p
}

func (u *unpacker) layout() anchor.Layout {
	n := u.count()
	l := make(anchor.Layout, n)
	for range n {
		literal := u.text()
		l[literal] = anchor.Place(u.number())
	}
	return l
}
