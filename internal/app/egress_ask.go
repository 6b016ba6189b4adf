package app

import (
	"context"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/budget"
)

// listBudgets is what has left by rules with a data_budget.
func (e *egressSensor) listBudgets() []api.EgressBudget {
	all := e.budgets.All(time.Now())
	out := make([]api.EgressBudget, len(all))
	for i, u := range all {
		out[i] = apiBudget(u)
	}
	return out
}

func apiBudget(u budget.Usage) api.EgressBudget {
	return api.EgressBudget{Rule: u.Rule, Program: u.Program, Used: u.Used, Bytes: u.Budget.Bytes, Per: string(u.Budget.Per), Until: u.Until}
}

// ask judges for a program that guards itself.
func (e *egressSensor) ask(ctx context.Context, q api.EgressQuestion) policy.Decision {
	return e.gateway.Ask(ctx, egress.Question{
		Request: policy.Request{
			Host: q.Host, Port: q.Port, Address: q.Address, Protocol: policy.Protocol(q.Protocol), TLS: q.TLS, Method: q.Method, Path: q.Path,
			Program: e.callers.Process(q.PID, q.UID),
		},
		Final:  q.Final,
		Source: egress.Source{File: q.SourceFile, Line: q.SourceLine, Function: q.Function},
	})
}

// hear judges a message between an agent and a server that it started. The agent is
// who started the process that passes it on.
func (e *egressSensor) hear(ctx context.Context, m api.EgressMessage) policy.Decision {
	return e.gateway.Hear(ctx, egress.Said{
		Server: m.Server, FromServer: m.FromServer, Text: m.Text, Unseen: m.Unseen, Program: e.callers.Process(e.callers.Parent(m.PID), m.UID),
	})
}
