package detect

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
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
	opts    Options
	rules   []Rule
	byID    map[string]*Rule
	active  []*compiled
	allow   *allowlist
	anchors *prefilter
	owners  [][]anchor // literal id -> rules that are tried there
	always  []int32    // rules without any literal
	context int        // most bytes a match may begin before its keyword
}

// compiled is a rule made ready to run.
type compiled struct {
	rule   *Rule
	index  int32
	search *regexp.Regexp // anywhere
	whole  *anchored      // at a literal it begins with
	head   *anchored      // what whole begins with; if nil, not worth it
	group  int
	span   int   // greatest length of a match
	before int   // greatest distance of its keyword from its start
	behind int   // greatest distance of its end from its keyword
	gate   *gate // if nil, the regex is always tried
	check  validator
	allow  *allowlist
}

// anchor says that a literal belongs to a rule, and whether a match begins with
// it or merely holds it.
type anchor struct {
	rule    int32
	leading bool
}

// Compile checks rules and makes them ready to run. It refuses a rule set with
// a bad rule, naming the rule and the reason.
func Compile(rules []Rule, opts Options) (*RuleSet, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	rs := &RuleSet{opts: opts, rules: slices.Clone(rules), byID: map[string]*Rule{}}
	if rs.allow, err = compileAllowlist(opts.Allowlist); err != nil {
		return nil, fmt.Errorf("options: allowlist: %w", err)
	}
	table := newAnchorTable()
	for i := range rs.rules {
		if err := rs.add(&rs.rules[i], table); err != nil {
			return nil, fmt.Errorf("rule %q: %w", rs.rules[i].ID, err)
		}
	}
	rs.anchors, rs.owners = newPrefilter(table.literals), table.owners
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

func (rs *RuleSet) add(r *Rule, table *anchorTable) error {
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
	c, tree, err := compileRule(r)
	if err != nil {
		return err
	}
	c.index = int32(len(rs.active))
	rs.active = append(rs.active, c)
	rs.anchor(c, tree, table)
	return nil
}

func compileRule(r *Rule) (*compiled, *syntax.Regexp, error) {
	tree, err := syntax.Parse(r.Regex, syntax.Perl)
	if err != nil {
		return nil, nil, keyError{"regex", err}
	}
	allow, err := compileAllowlist(r.Allowlist)
	if err != nil {
		return nil, nil, keyError{"allowlist", err}
	}
	c := &compiled{
		rule: r, search: regexp.MustCompile(r.Regex), check: validatorNamed(r.Validator), allow: allow,
		span: maxSpan(tree),
		gate: gateOf(r, tree),
	}
	c.whole = newAnchored(r.Regex, c.span)
	if c.gate == nil {
		c.head = headOf(tree)
	}
	c.group = secretGroup(r, c.search)
	return c, tree, nil
}

func secretGroup(r *Rule, re *regexp.Regexp) int {
	if r.SecretGroup > 0 {
		return r.SecretGroup
	}
	if i := re.SubexpIndex("secret"); i > 0 {
		return i
	}
	return min(1, re.NumSubexp())
}

// anchor decides where a rule is tried: at literals it begins with, around
// literals it holds, or everywhere.
func (rs *RuleSet) anchor(c *compiled, tree *syntax.Regexp, table *anchorTable) {
	if lead := leadingLiterals(tree); lead != nil && c.rule.Near == 0 {
		table.add(lead, anchor{c.index, true})
		return
	}
	words := c.rule.Keywords
	if len(words) == 0 {
		words = requiredLiterals(tree)
	}
	if len(words) == 0 {
		rs.always = append(rs.always, c.index)
		return
	}
	c.before, c.behind = reach(tree, words)+c.rule.Near, c.span+c.rule.Near
	rs.context = max(rs.context, c.before)
	table.add(words, anchor{c.index, false})
}

// anchorTable collects the distinct literals and who wants them.
type anchorTable struct {
	ids      map[string]int
	literals []string
	owners   [][]anchor
}

func newAnchorTable() *anchorTable { return &anchorTable{ids: map[string]int{}} }

func (t *anchorTable) add(words []string, a anchor) {
	for _, w := range words {
		w = strings.ToLower(w)
		id, ok := t.ids[w]
		if !ok {
			id = len(t.literals)
			t.ids[w] = id
			t.literals = append(t.literals, w)
			t.owners = append(t.owners, nil)
		}
		if !slices.Contains(t.owners[id], a) {
			t.owners[id] = append(t.owners[id], a)
		}
	}
}
