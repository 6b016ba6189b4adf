package when

import (
	"net/netip"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// functions are what CEL does not have.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("within", cel.MemberOverload("address_within_cidr", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(within))),
		cel.Function("at", cel.MemberOverload("time_at_offset", []*cel.Type{timeType, cel.StringType}, timeType, cel.BinaryBinding(at))),
	}
}

// within compares an address with a CIDR.
func within(address, cidr ref.Val) ref.Val {
	a, okA := address.Value().(string)
	c, okC := cidr.Value().(string)
	addr, errA := netip.ParseAddr(a)
	prefix, errC := netip.ParsePrefix(c)
	if !okA || !okC || errA != nil || errC != nil {
		return types.NewErr("within compares an address with a CIDR")
	}
	return types.Bool(prefix.Contains(addr.Unmap()))
}

// at is a moment on a clock with a fixed offset. Names of zones would need a
// database that differs between machines.
func at(when, offset ref.Val) ref.Val {
	m, okM := when.Value().(moment)
	text, okT := offset.Value().(string)
	zone, err := zoneOf(text)
	if !okM || !okT || err != nil {
		return types.NewErr("at needs an offset such as +01:00")
	}
	return object{timeType, moment{m.In(zone)}}
}

func zoneOf(offset string) (*time.Location, error) {
	t, err := time.Parse("-07:00", offset)
	if err != nil {
		return nil, err
	}
	_, seconds := t.Zone()
	return time.FixedZone(offset, seconds), nil
}

// literals holds what would be parsed on every request to what stands in the
// expression: a client shall not choose a pattern, and a zone shall not be looked
// up in files.
type literals struct{}

// Name implements cel.ASTValidator.
func (literals) Name() string { return "cordon.literals" }

// Validate implements cel.ASTValidator.
func (literals) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	for _, e := range ast.MatchDescendants(ast.NavigateAST(a), ast.KindMatcher(ast.CallKind)) {
		call := e.AsCall()
		right, hint := argumentCheck(call.FunctionName())
		if right == nil || len(call.Args()) == 0 {
			continue
		}
		last := call.Args()[len(call.Args())-1]
		if last.Kind() == ast.LiteralKind {
			if text, ok := last.AsLiteral().Value().(string); ok && right(text) {
				continue
			}
		}
		issues.ReportErrorAtID(last.ID(), "%s needs %s, written out", call.FunctionName(), hint)
	}
}

// argumentCheck says what the last argument of a function has to be; nil when it
// may be anything.
func argumentCheck(function string) (right func(string) bool, hint string) {
	switch function {
	case "matches":
		return func(string) bool { return true }, "a pattern"
	case "within":
		return func(s string) bool { p, err := netip.ParsePrefix(s); return err == nil && p == p.Masked() }, "a CIDR such as 10.0.0.0/8"
	case "at", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds":
		return func(s string) bool { _, err := zoneOf(s); return err == nil }, "an offset such as +01:00"
	}
	return nil, ""
}

// Longest texts that are compared, in characters. A longer one counts as not known.
const (
	maxText = 8 << 10
	maxName = 260 // host, address, protocol, method and such
)

// sizes tells CEL how long the variables are, from which it computes the worst cost
// of an expression.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Type() != nil && n.Type().Kind() != types.StringKind || len(n.Path()) == 0 {
		return nil
	}
	longest := uint64(maxName)
	if n.Path()[0] == "path" || n.Path()[0] == "program" {
		longest = maxText
	}
	return &cost.SizeEstimate{Min: 0, Max: longest}
}

// EstimateCallCost implements cost.Estimator: as CEL counts, except where a text is
// parsed.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	switch overload {
	case "address_within_cidr", "time_at_offset":
		return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 10, Max: 10}}
	}
	return nil
}
