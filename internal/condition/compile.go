package condition

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// Bounds of one condition.
const (
	maxLength  = 2_000 // characters
	maxDepth   = 32    // of brackets
	maxNodes   = 500   // of the syntax tree, macros expanded
	maxNesting = 1     // of exists, all and such
	maxPattern = 2_000 // instructions of a compiled regular expression
)

// Language is what conditions of one sort may ask, and what they may cost.
type Language struct {
	Variables map[string]Kind
	Constants map[string]int64 // names of numbers
	MaxCost   uint64           // CEL's units: when it is read in the worst case, and while it runs
	MaxText   uint64           // the longest text of a variable, in characters
	MaxItems  uint64           // the most items of Texts and ByNames
}

// Condition is true or false of some variables. It is safe for concurrent use.
type Condition struct {
	program cel.Program
	worst   uint64
	needs   []Need
	whole   bool
}

// Compile checks a condition. The error is one line, for whoever wrote it.
func (l Language) Compile(text string) (*Condition, error) {
	env, err := cel.NewEnv(l.options()...)
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
	worst, err := l.worst(env, tree)
	if err != nil {
		return nil, err
	}
	program, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(l.MaxCost))
	if err != nil {
		return nil, fmt.Errorf("it cannot be run: %w", err)
	}
	needs, whole := needsOf(tree.NativeRep().Expr())
	return &Condition{program, worst, needs, whole}, nil
}

func (l Language) options() []cel.EnvOption {
	out := append(functions(),
		cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(maxDepth), cel.ExpressionNodeLimit(maxNodes), cel.DefaultUTCTimeZone(true),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateRegexProgramSizeLimit(maxPattern), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting), literals{}),
	)
	for name, n := range l.Constants {
		out = append(out, cel.Constant(name, cel.IntType, types.Int(n)))
	}
	for name, kind := range l.Variables {
		out = append(out, cel.Variable(name, kind.cel()))
	}
	return out
}

// worst is the most that a condition can cost.
func (l Language) worst(env *cel.Env, tree *cel.Ast) (uint64, error) {
	worst, err := env.EstimateCost(tree, sizes{l})
	if err != nil {
		return 0, errors.New("what it costs cannot be estimated")
	}
	if worst.Max > l.MaxCost {
		return 0, errors.New("it may cost too much to compute: compare shorter texts, or fewer")
	}
	return worst.Max, nil
}

// Cost is the most that it can cost, in CEL's units.
func (c *Condition) Cost() uint64 { return c.worst }

// Needs is what must hold for the condition to hold. That it does is enough only of one
// that is Whole.
func (c *Condition) Needs() []Need { return c.needs }

// Whole reports whether a condition holds whenever its needs do: it need not be asked.
func (c *Condition) Whole() bool { return c.whole }

// Holds reports whether the condition is true. The error quotes none of the values.
func (c *Condition) Holds(v Variables) (bool, error) {
	out, _, err := c.program.Eval(activation{v})
	if err != nil {
		return false, errors.New("its condition cannot be answered") // CEL's errors quote what was compared
	}
	holds, ok := out.Value().(bool)
	if !ok {
		return false, errors.New("its condition is neither true nor false")
	}
	return holds, nil
}

// firstOf is the first problem, in one line.
func firstOf(issues *cel.Issues) error {
	e := issues.Errors()[0]
	text, _, _ := strings.Cut(e.Message, "\n")
	text = strings.TrimSuffix(text, " (in container '')")
	return fmt.Errorf("column %d: %s", max(e.Location.Column()+1, 1), text)
}

// sizes tells CEL how long the variables are, from which it computes the worst cost.
type sizes struct{ Language }

// EstimateSize implements cost.Estimator.
func (s sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	switch {
	case n.Type() == nil || len(n.Path()) == 0:
		return nil
	case n.Type().Kind() == types.ListKind, n.Type().Kind() == types.MapKind:
		return &cost.SizeEstimate{Max: s.MaxItems}
	case n.Type().Kind() == types.StringKind:
		return &cost.SizeEstimate{Max: s.MaxText}
	}
	return nil
}

// EstimateCallCost implements cost.Estimator.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if overload == withinOverload {
		return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 10, Max: 10}}
	}
	return nil
}
