package api

import (
	"context"
	"errors"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/policies"
)

type checkPolicyInput struct{ Body EgressCheckRequest }

type checkPolicyOutput struct{ Body EgressCheck }

// checkPolicy says all about a document without bringing it into force.
func (s *server) checkPolicy(ctx context.Context, in *checkPolicyInput) (*checkPolicyOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	before, err := e.comparedWith(ctx, in.Body.Against)
	if err != nil {
		return nil, err
	}
	document := []byte(in.Body.Document)
	out := EgressCheck{Problems: []EgressProblem{}, Tests: []EgressTest{}, Differences: []EgressDifference{}, Unsupported: []EgressUnsupported{}}
	p, err := policies.Parse(document)
	if err != nil {
		out.Problems = problemsOf(err)
		return &checkPolicyOutput{out}, nil
	}
	tests, err := policies.Test(document)
	if err != nil {
		return nil, err
	}
	out.Tests = convert(tests, egressTest)
	out.Unsupported = convert(p.Unsupported(), func(u policy.Unsupported) EgressUnsupported { return EgressUnsupported(u) })
	all := policy.Diff(before, p)
	out.MoreDifferences = max(len(all)-maxDifferences, 0)
	out.Differences = convert(all[:len(all)-out.MoreDifferences], func(d policy.Difference) EgressDifference { return EgressDifference(d) })
	return &checkPolicyOutput{out}, nil
}

// maxDifferences is how many differences are told of.
const maxDifferences = 500

// comparedWith is the policy that a check compares with: a version, or the one in
// force. A version that an older Cordon wrote and this one cannot read counts as
// none.
func (e *Egress) comparedWith(ctx context.Context, version int64) (*policy.Policy, error) {
	if version == 0 {
		return e.Policies.Policy(), nil
	}
	v, err := e.Policies.Version(ctx, version)
	if err != nil {
		return nil, policyProblem(err)
	}
	p, err := policies.Parse([]byte(v.Document))
	if err != nil {
		return nil, nil
	}
	return p, nil
}

// problemsOf takes an error of policy.Parse apart.
func problemsOf(err error) []EgressProblem {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []EgressProblem{problemOf(err)}
	}
	return convert(joined.Unwrap(), problemOf)
}

func problemOf(err error) EgressProblem {
	if at := (*policy.Error)(nil); errors.As(err, &at) {
		return EgressProblem{at.Line, at.Key, clipped(at.Problem), at.Hint}
	}
	return EgressProblem{Line: 1, Key: "document", Problem: clipped(err.Error())}
}

func egressTest(r policy.TestResult) EgressTest {
	return EgressTest{Name: r.Name, Line: r.Line, Passed: r.Passed, Want: r.Want, Got: string(r.Got.Result), Reason: string(r.Got.Reason)}
}

type budgetListOutput struct{ Body EgressBudgetList }

// listBudgets lists what has left by rules with a data_budget.
func (s *server) listBudgets(context.Context, *struct{}) (*budgetListOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	out := EgressBudgetList{Items: []EgressBudget{}}
	if e.Budgets != nil {
		out.Items = e.Budgets()
	}
	return &budgetListOutput{out}, nil
}
