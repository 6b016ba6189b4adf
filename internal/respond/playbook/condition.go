package playbook

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"go.cordon.dev/cordon/internal/event"
)

// Bounds of one condition.
const (
	maxLength  = 2_000  // characters
	maxDepth   = 32     // of brackets
	maxNodes   = 500    // of the syntax tree, macros expanded
	maxNesting = 1      // of exists, all and such
	maxPattern = 2_000  // instructions of a compiled regular expression
	maxCost    = 50_000 // CEL's units, at load in the worst case and while running
	maxText    = 4 << 10
	maxItems   = 16
)

// compile checks a condition against the fields that it may ask about.
func compile(text string, known fields) (cel.Program, error) {
	env, err := cel.NewEnv(append(variables(known),
		cel.Function("within", cel.MemberOverload("address_within_network", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(within))),
		cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(maxDepth), cel.ExpressionNodeLimit(maxNodes), cel.DefaultUTCTimeZone(true),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateRegexProgramSizeLimit(maxPattern), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting), literals{}),
	)...)
	if err != nil {
		return nil, fmt.Errorf("CEL cannot be used: %w", err)
	}
	tree, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, firstOf(issues)
	}
	if tree.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("it is %s and has to be true or false", tree.OutputType())
	}
	worst, err := env.EstimateCost(tree, sizes{})
	if err != nil {
		return nil, errors.New("what it costs cannot be estimated")
	}
	if worst.Max > maxCost {
		return nil, errors.New("it may cost too much to compute: compare shorter texts, or fewer")
	}
	program, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, fmt.Errorf("it cannot be run: %w", err)
	}
	return program, nil
}

func variables(known fields) []cel.EnvOption {
	out := []cel.EnvOption{
		cel.Variable("topic", cel.StringType), cel.Variable("source", cel.StringType), cel.Variable("subject", cel.StringType), cel.Variable("severity", cel.IntType),
	}
	for _, s := range event.Severities() {
		out = append(out, cel.Constant(s.String(), cel.IntType, types.Int(s)))
	}
	for name, kind := range known {
		out = append(out, cel.Variable("data."+name, kind))
	}
	return out
}

// firstOf is the first problem, in one line.
func firstOf(issues *cel.Issues) error {
	e := issues.Errors()[0]
	text, _, _ := strings.Cut(e.Message, "\n")
	text = strings.TrimSuffix(text, " (in container '')")
	if strings.HasPrefix(text, "undeclared reference to 'data") {
		text += "; data has the fields that all events of these topics share"
	}
	return fmt.Errorf("column %d: %s", max(e.Location.Column()+1, 1), text)
}

// holds reports whether the condition is true of an event.
func (p *Playbook) holds(e event.Event, data map[string]any) (bool, error) {
	if p.condition == nil {
		return true, nil
	}
	vars := map[string]any{"topic": e.Topic, "source": e.Source, "subject": e.Subject, "severity": int64(e.Severity)}
	for name, v := range data {
		vars["data."+name] = v
	}
	out, _, err := p.condition.Eval(vars)
	if err != nil {
		return false, errors.New("its condition cannot be answered") // CEL's errors quote what was compared
	}
	holds, ok := out.Value().(bool)
	if !ok {
		return false, errors.New("its condition is neither true nor false")
	}
	return holds, nil
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
func (literals) Name() string { return "cordon.playbook.literals" }

// Validate implements cel.ASTValidator.
func (literals) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
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

// sizes tells CEL how long the variables are, from which it computes the worst cost.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	switch {
	case n.Type() == nil || len(n.Path()) == 0:
		return nil
	case n.Type().Kind() == types.ListKind:
		return &cost.SizeEstimate{Max: maxItems}
	case n.Type().Kind() == types.StringKind:
		return &cost.SizeEstimate{Max: maxText}
	}
	return nil
}

// EstimateCallCost implements cost.Estimator.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if overload == "address_within_network" {
		return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 10, Max: 10}}
	}
	return nil
}
