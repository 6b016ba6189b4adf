package condition

import (
	"net/netip"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const withinOverload = "address_within_network"

// functions are what CEL does not have.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("within", cel.MemberOverload(withinOverload, []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(within))),
	}
}

// within compares an address with a network. What is no address is in none.
func within(address, network ref.Val) ref.Val {
	a, _ := address.Value().(string)
	n, _ := network.Value().(string)
	prefix, err := netip.ParsePrefix(n)
	if err != nil {
		return types.NewErr("within compares an address with a network")
	}
	addr, err := netip.ParseAddr(a)
	return types.Bool(err == nil && prefix.Contains(addr.Unmap()))
}

// literals keeps an attacker's text from being compiled: patterns and networks stand
// in the condition.
type literals struct{}

// Name implements cel.ASTValidator.
func (literals) Name() string { return "cordon.condition.literals" }

// Validate implements cel.ASTValidator.
func (literals) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	refuseHas(a, issues)
	for _, e := range ast.MatchDescendants(ast.NavigateAST(a), ast.KindMatcher(ast.CallKind)) {
		call := e.AsCall()
		if name := call.FunctionName(); name != "matches" && name != "within" || len(call.Args()) == 0 {
			continue
		}
		last := call.Args()[len(call.Args())-1]
		if last.Kind() == ast.LiteralKind && right(call.FunctionName(), last.AsLiteral()) {
			continue
		}
		issues.ReportErrorAtID(last.ID(), "%s needs what it compares with written out, such as %s", call.FunctionName(), example(call.FunctionName()))
	}
}

// refuseHas refuses has(): what is absent is empty here, so it would always be true.
func refuseHas(a *ast.AST, issues *cel.Issues) {
	for _, e := range ast.MatchDescendants(ast.NavigateAST(a), ast.KindMatcher(ast.SelectKind)) {
		if s := e.AsSelect(); s.IsTestOnly() {
			issues.ReportErrorAtID(e.ID(), `has is not known here, because what is absent is empty: compare with "", or say %q in the map`, s.FieldName())
		}
	}
}

func right(function string, literal ref.Val) bool {
	text, ok := literal.Value().(string)
	if function != "within" || !ok {
		return ok
	}
	p, err := netip.ParsePrefix(text)
	return err == nil && p == p.Masked()
}

func example(function string) string {
	if function == "within" {
		return `"10.0.0.0/8"`
	}
	return `"^web-[0-9]+$"`
}
