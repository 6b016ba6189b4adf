package when

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Bounds of one expression.
const (
	maxLength  = 2_000  // characters
	maxDepth   = 32     // of brackets
	maxNodes   = 500    // of the syntax tree, macros expanded
	maxNesting = 2      // of comprehensions
	maxPattern = 2_000  // instructions of a compiled regular expression
	maxCost    = 50_000 // CEL's units, at load in the worst case and while running
)

// Compiler compiles conditions. It is safe for concurrent use.
type Compiler struct {
	env func() (*cel.Env, error)
}

// New returns a Compiler. What CEL needs to know is put together when the first
// condition is compiled.
func New() *Compiler { return &Compiler{env: sync.OnceValues(environment)} }

func environment() (*cel.Env, error) {
	options := append(variables(), functions()...)
	return cel.NewEnv(append(options,
		cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(maxDepth),
		cel.ExpressionNodeLimit(maxNodes), cel.DefaultUTCTimeZone(true),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateRegexProgramSizeLimit(maxPattern), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(),
			cel.ValidateHomogeneousAggregateLiterals(), cel.ValidateComprehensionNestingLimit(maxNesting), literals{}),
	)...)
}

// Compile implements policy.Compiler.
func (c *Compiler) Compile(expression string) (policy.Condition, error) {
	env, err := c.env()
	if err != nil {
		return nil, problem("CEL cannot be used: " + err.Error())
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, firstOf(issues)
	}
	if ast.OutputType() != cel.BoolType {
		return nil, problem("it is " + ast.OutputType().String() + " and has to be true or false")
	}
	worst, err := env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, problem("what it costs cannot be estimated")
	}
	if worst.Max > maxCost {
		return nil, problem("it may cost too much to compute: compare shorter texts, or fewer")
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize, cel.OptPartialEval), cel.CostLimit(maxCost))
	if err != nil {
		return nil, problem(err.Error())
	}
	return &condition{program}, nil
}

func problem(text string) error { return &policy.ConditionError{Line: 1, Column: 1, Problem: text} }

// firstOf is the first problem, without the excerpt that CEL draws below it.
func firstOf(issues *cel.Issues) error {
	e := issues.Errors()[0]
	text, _, _ := strings.Cut(e.Message, "\n")
	text = strings.TrimSuffix(text, " (in container '')")
	return &policy.ConditionError{Line: max(e.Location.Line(), 1), Column: max(e.Location.Column()+1, 1), Problem: text}
}
