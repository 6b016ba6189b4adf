package when

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// condition implements policy.Condition.
type condition struct{ program cel.Program }

// Holds implements policy.Condition. Why it failed is not told: CEL's errors quote
// what was compared, which may be a secret.
func (c *condition) Holds(r *policy.Request) policy.Truth {
	vars, err := activation(r)
	if err != nil {
		return policy.Failed
	}
	out, _, err := c.program.Eval(vars)
	if err != nil {
		return policy.Failed
	}
	switch v := out.(type) {
	case types.Bool:
		if v {
			return policy.True
		}
		return policy.False
	case *types.Unknown:
		return policy.Undecided
	}
	return policy.Failed
}
