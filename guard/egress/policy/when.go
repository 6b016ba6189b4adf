package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// Compiler makes conditions of what stands behind when. Package guard/egress/when
// has one; this package knows no language of expressions, so that who needs none
// links none.
type Compiler interface {
	// Compile checks an expression and makes it ready. Its error is a
	// *ConditionError where it can name a place.
	Compile(expression string) (Condition, error)
}

// Condition is a compiled when. It is asked for every request that the rest of its
// rule covers, by many goroutines at a time, and changes nothing.
type Condition interface {
	Holds(r *Request) Truth
}

// Truth is what a condition says of a request.
type Truth uint8

// The answers. Undecided is for what will be known when the request is judged the
// next time; what never will be known is Failed, like everything that cannot be
// computed.
const (
	Failed Truth = iota
	False
	True
	Undecided
)

// ConditionError is what is wrong with an expression.
type ConditionError struct {
	Line, Column int // within the expression, from 1
	Problem      string
}

// Error implements error.
func (e *ConditionError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Problem) }

// Option changes how a policy is read.
type Option func(*reader)

// WithConditions says who compiles when. Without it, a rule that has one is an
// error.
func WithConditions(c Compiler) Option { return func(r *reader) { r.compiler = c } }

// asText takes every condition as it stands and judges none: for edits, whose
// result somebody else reads.
type asText struct{}

func (asText) Compile(string) (Condition, error) { return asText{}, nil }
func (asText) Holds(*Request) Truth              { return Failed }

// readWhen reads a rule's condition.
func readWhen(m *mapping, rule *Rule) {
	v, ok := m.get("when")
	if !ok {
		return
	}
	text := strings.TrimSpace(v.text())
	switch {
	case text == "" || len(text) > maxText || strings.ContainsFunc(text, unwritten):
		v.wrong(fmt.Sprintf("is empty, longer than %d bytes or holds control characters or marks of direction", maxText), `write a short condition: when: 'method == "GET" || time.hour < 6'`)
		return
	case v.r.compiler == nil:
		v.wrong("cannot be judged by this program, which was built without a compiler of conditions", "remove it, or give policy.Parse the option WithConditions")
		return
	}
	condition, err := v.r.compiler.Compile(text)
	if err != nil {
		v.refuseWhen(err)
		return
	}
	rule.When, rule.condition = text, condition
}

func unwritten(r rune) bool {
	return r != '\n' && r != '\t' && !unicode.IsPrint(r) || r == unicode.ReplacementChar
}

// refuseWhen says what is wrong with an expression, in the line of the document in
// which it is. In a folded text lines are not those of the document.
func (v value) refuseWhen(err error) {
	at := (*ConditionError)(nil)
	if block, ok := v.node.(*ast.LiteralNode); ok && errors.As(err, &at) && strings.HasPrefix(block.Start.Value, "|") {
		v.line += at.Line
	}
	v.wrong("is no condition: "+err.Error(), "docs/egress.md lists what a condition may ask about")
}

// askWhen asks the rule's condition. What is not known yet does not speak against
// a request; what cannot be judged keeps it in, by whichever list.
func (m *matcher) askWhen(r *Request) miss {
	if m.rule.condition == nil {
		return hit
	}
	deny := m.rule.Deny
	switch m.holds(r) {
	case True:
		return hit
	case False:
		return missWhen
	case Undecided:
		if deny {
			return missWhen
		}
		return hit
	}
	if deny {
		return hit
	}
	return missFailed
}

// holds asks the condition about a copy, so that a request of which no condition is
// asked need not lie in memory of its own.
func (m *matcher) holds(r *Request) Truth {
	asked := *r
	return m.rule.condition.Holds(&asked)
}

// because is why a rule of the denylist covers a request, for people.
func (m *matcher) because(r *Request) string {
	if m.rule.condition != nil && m.holds(r) == Failed {
		return m.detail + ": its when could not be judged, and what cannot be judged is denied"
	}
	return m.detail
}

// RequestComes reports whether method and path, where they are empty, are on their
// way. They are not where something else than HTTP is spoken, or TLS hides it.
func (r *Request) RequestComes() bool { return awaitHTTP(r) == hit }
