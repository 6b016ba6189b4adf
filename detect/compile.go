package detect

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"sync/atomic"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// Options steer a rule set. The zero value is what a sensor wants.
type Options struct {
	// MaxDepth is how many encodings are peeled off one after the other. If 0, 4.
	MaxDepth int
	// MaxDecoded is how many bytes may be decoded for each MiB of input before
	// the rest is reported as not scanned. If 0, 16 MiB.
	MaxDecoded int64
	// MinConfidence drops findings below it. If 0, none.
	MinConfidence float64
	// InlineAllow honours the words "cordon:allow" and "gitleaks:allow" on the
	// line of a finding. For files whose authors are trusted; if false, ignored,
	// because whoever writes a hostile message could switch detection off.
	InlineAllow bool
	// Allowlist holds for every rule. If empty, only the rules' own and the
	// built-in placeholders ("changeme", "${TOKEN}", AWS's example keys) count.
	Allowlist Allowlist
}

const (
	defaultDepth   = 4
	defaultDecoded = 16 << 20
)

func (o Options) withDefaults() (Options, error) {
	if o.MaxDepth < 0 || o.MaxDecoded < 0 || o.MinConfidence < 0 || o.MinConfidence > 1 {
		return o, errors.New("options: max depth and max decoded must not be negative, min confidence between 0 and 1")
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultDepth
	}
	if o.MaxDecoded == 0 {
		o.MaxDecoded = defaultDecoded
	}
	return o, nil
}

// RuleSet is a compiled, immutable set of rules, safe for use by many
// goroutines. Inactive rules are listed but not run.
type RuleSet struct {
	opts     Options
	rules    []Rule
	byID     map[string]*Rule
	active   []*compiled
	allow    *allowlist
	formats  finder             // what is looked for everywhere
	heads    *anchor.Heads      // what is looked for where words begin in runs
	begins   [][]owner          // whose those are
	values   [len(tiers)]finder // what is looked for before values, by their length
	always   []int32            // rules without any literal
	outlooks outlooks
	literals int32         // of all parts
	context  int           // most bytes a match may begin before its keyword
	behind   int           // most bytes that one may begin behind its keyword
	members  *anchor.Class // of runs
	words    *anchor.Class // of words, as \b has them
	longest  int           // longest match
	groups   int           // most groups of a rule
	least    int           // greatest of the gates' least
}

// compiled is a rule made ready to run.
type compiled struct {
	*plan
	rule      *Rule
	index     int32
	tries     tries
	group     int
	check     validator
	allow     *allowlist
	digit     bool     // a secret without one is refused
	words     []string // keywords that have to stand near, in small letters
	firstLook int32    // of its literals' outlooks
}

// finder is a set of literals and whose they are.
type finder struct {
	literals *anchor.Set
	owners   [][]owner // literal id -> rules that are tried there
	longest  int       // longest literal
}

// owner is a rule that is tried because of a literal.
type owner struct {
	rule      int32
	leads     bool  // there is one place where a match can begin
	word      bool  // it is the literal's, and no word character stands before it
	first     byte  // what the literal begins with, if its case is known
	low, high int32 // how far before the literal a match begins
	look      int32 // its outlook, or noOutlook
	size      int32 // of the literal
}

// Compile checks rules and makes them ready to run. It refuses a rule set with
// a bad rule, naming the rule and the reason.
func Compile(rules []Rule, opts Options) (*RuleSet, error) { return compile(rules, opts, known()) }

// compile finds out what is not known yet.
func compile(rules []Rule, opts Options, known *pack) (*RuleSet, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	rs := &RuleSet{opts: opts, rules: slices.Clone(rules), byID: make(map[string]*Rule, len(rules)), active: make([]*compiled, 0, len(rules))}
	if err := opts.Allowlist.check(known); err != nil {
		return nil, fmt.Errorf("options: allowlist: %w", err)
	}
	rs.allow = newAllowlist(opts.Allowlist)
	tables := known.tables(len(rules))
	for i := range rs.rules {
		if err := rs.add(&rs.rules[i], &tables); err != nil {
			return nil, fmt.Errorf("rule %q: %w", rs.rules[i].ID, err)
		}
	}
	tables.build(rs)
	rs.outlooks.known = make([]atomic.Pointer[outlook], rs.literals)
	rs.members, rs.words = anchor.NewClass(runBytes), anchor.NewClass(wordBytes)
	return rs, nil
}

// Rules returns a copy of all rules, inactive ones too, in their order.
func (rs *RuleSet) Rules() []Rule { return slices.Clone(rs.rules) }

// Rule returns the rule with this id.
func (rs *RuleSet) Rule(id string) (Rule, bool) {
	if r, ok := rs.byID[id]; ok {
		return *r, true
	}
	return Rule{}, false
}

// TriedEverywhere lists the active rules that have no literal to look for. Each
// costs every scan more than all others together.
func (rs *RuleSet) TriedEverywhere() []string {
	var ids []string
	for _, i := range rs.always {
		ids = append(ids, rs.active[i].rule.ID)
	}
	return ids
}

// Options returns the options the set was compiled with, defaults filled in.
func (rs *RuleSet) Options() Options { return rs.opts }

func (rs *RuleSet) add(r *Rule, tables *anchorTables) error {
	if err := checkRule(*r); err != nil {
		return err
	}
	if rs.byID[r.ID] != nil {
		return errors.New("id: used twice")
	}
	rs.byID[r.ID] = r
	if r.SecretType == "" {
		r.SecretType = secretTypeOf(r.ID)
	}
	if !r.Active {
		return nil
	}
	c, err := compileRule(r, tables.known)
	if err != nil {
		return err
	}
	c.index = int32(len(rs.active))
	rs.active = append(rs.active, c)
	rs.groups = max(rs.groups, c.groups)
	if c.gate != nil {
		rs.least = max(rs.least, c.gate.least)
	}
	rs.longest = max(rs.longest, c.span)
	rs.anchor(c, tables.of(c))
	return nil
}

func compileRule(r *Rule, known *pack) (*compiled, error) {
	p, err := planFor(r, known)
	if err != nil {
		return nil, keyError{"regex", err}
	}
	c := &compiled{rule: r, plan: p, group: p.secret, check: validatorNamed(r.Validator), allow: newAllowlist(r.Allowlist), digit: wantsDigit(r, p)}
	if r.SecretGroup > 0 {
		c.group = r.SecretGroup
	}
	c.tries.expr, c.tries.span = r.Regex, p.span
	for _, w := range r.Keywords {
		c.words = append(c.words, strings.ToLower(w))
	}
	return c, nil
}

// planFor makes a plan unless the pack has it.
func planFor(r *Rule, known *pack) (*plan, error) {
	if p := known.plans[r.Regex]; p != nil {
		return p, nil
	}
	tree, err := syntax.Parse(r.Regex, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return planOf(r.Regex, tree), nil
}
