package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/policies"
)

type getPolicyInput struct {
	IfNoneMatch string `header:"If-None-Match" maxLength:"256" doc:"The ETag of what the caller has; 304 when it is still that."`
}

type policyOutput struct {
	ETag string `header:"ETag" doc:"Changes with every change of the policy."`
	Body EgressPolicy
}

func (s *server) getPolicy(_ context.Context, in *getPolicyInput) (*policyOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	v, err := e.Policies.Current()
	if err != nil {
		return nil, policyProblem(err)
	}
	if err := notModified(in.IfNoneMatch, policyTag(v)); err != nil {
		return nil, err
	}
	return policyOut(v), nil
}

func policyTag(v policies.Version) string { return `"` + v.Hash + `"` }

func policyOut(v policies.Version) *policyOutput {
	return &policyOutput{ETag: policyTag(v), Body: EgressPolicy{EgressVersion: egressVersion(v), Document: v.Document}}
}

func egressVersion(v policies.Version) EgressVersion {
	return EgressVersion{Version: v.Number, Hash: v.Hash, Author: v.Author, Reason: v.Reason, Origin: v.Origin, Time: utc(v.Time)}
}

type putPolicyInput struct {
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the change rests on; 412 when somebody was faster."`
	Body    EgressPolicyRequest
}

func (s *server) putPolicy(ctx context.Context, in *putPolicyInput) (*policyOutput, error) {
	return s.changePolicy(ctx, actionPolicyChange, in.Body.Reason, in.IfMatch, func(m *policies.Manager, d policies.Decision) (policies.Version, error) {
		return m.Put(ctx, []byte(in.Body.Document), d)
	})
}

// changePolicy begins what all changes of the policy have in common.
func (s *server) changePolicy(ctx context.Context, action, why, ifMatch string, do func(*policies.Manager, policies.Decision) (policies.Version, error)) (*policyOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	reason, err := s.reason(why)
	if err != nil {
		return nil, err
	}
	who, _ := auth.PrincipalFrom(ctx)
	d := policies.Decision{By: who.Act(s.Clock.Now(), action, s.Node, reason), Reason: reason}
	if ifMatch != "" {
		now, err := e.Policies.Current()
		if err != nil {
			return nil, problem(http.StatusPreconditionFailed, "there is no policy yet that a change may rest on; send no If-Match")
		}
		if err := restsOn(ifMatch, policyTag(now), "the policy has changed"); err != nil {
			return nil, err
		}
		if !anyVersion(ifMatch) {
			d.IfHash = now.Hash // compared again when it is stored
		}
	}
	v, err := do(e.Policies, d)
	if err != nil {
		return nil, policyProblem(err)
	}
	return policyOut(v), nil
}

type editPolicyInput struct {
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the change rests on; 412 when somebody was faster."`
	Body    EgressEditRequest
}

func (s *server) editPolicy(ctx context.Context, in *editPolicyInput) (*policyOutput, error) {
	change, err := s.egressEdit(in.Body)
	if err != nil {
		return nil, err
	}
	return s.changePolicy(ctx, actionPolicyEdit, in.Body.Reason, in.IfMatch, func(m *policies.Manager, d policies.Decision) (policies.Version, error) {
		return m.Edit(ctx, d, change)
	})
}

func (s *server) egressEdit(r EgressEditRequest) (policy.Change, error) {
	switch r.Action {
	case "mode":
		if r.Mode == "" {
			return policy.Change{}, invalid("body.mode", "is empty; give strict, audit or permissive")
		}
		return policy.SetMode(policy.Mode(r.Mode)), nil
	case "network":
		return policy.SetNetwork(r.Enabled), nil
	case "remove":
		if r.Target == "" {
			return policy.Change{}, invalid("body.target", "is empty; give a rule's id, its host or HOST:PORT")
		}
		return policy.RemoveRule(r.Target), nil
	}
	rule, err := policy.ParseTarget(r.Target)
	if err != nil {
		return policy.Change{}, invalid("body.target", err.Error())
	}
	rule.Description = s.fit(r.Description)
	return policy.AddRule(rule), nil
}

type listVersionsInput struct {
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items a page has."`
	Before int64 `query:"before" minimum:"0" doc:"The next_before of the page before."`
}

type versionPageOutput struct{ Body EgressVersionPage }

func (s *server) listVersions(ctx context.Context, in *listVersionsInput) (*versionPageOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	all, err := e.Policies.Versions(ctx, in.Before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := EgressVersionPage{}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = &all[in.Limit-1].Number
	}
	page.Items = convert(all, egressVersion)
	return &versionPageOutput{page}, nil
}

type getVersionInput struct {
	Version int64 `path:"version" minimum:"1" doc:"The version's number."`
}

func (s *server) getVersion(ctx context.Context, in *getVersionInput) (*policyOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	v, err := e.Policies.Version(ctx, in.Version)
	if err != nil {
		return nil, policyProblem(err)
	}
	return policyOut(v), nil
}

type rollbackInput struct{ Body EgressRollbackRequest }

func (s *server) rollbackPolicy(ctx context.Context, in *rollbackInput) (*policyOutput, error) {
	return s.changePolicy(ctx, actionPolicyRollback, in.Body.Reason, "", func(m *policies.Manager, d policies.Decision) (policies.Version, error) {
		return m.Rollback(ctx, in.Body.Version, d)
	})
}

type dryRunInput struct{ Body EgressDryRunRequest }

type dryRunOutput struct{ Body EgressDryRun }

// dryRun judges the newest decisions again. A stored decision has no path: one
// that rests on a rule with paths is judged by its URL, whose query is not kept.
func (s *server) dryRun(ctx context.Context, in *dryRunInput) (*dryRunOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	p, err := policies.Parse([]byte(in.Body.Document))
	if err != nil {
		return nil, invalid("body.document", clipped(err.Error()))
	}
	rows, err := e.Store.ListDecisions(ctx, archive.Filter{}, archive.Page{Limit: in.Body.Limit})
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(d archive.Decision) bool { return !archive.Outbound(d.Entry) })
	out := egressDryRun(policy.DryRun(p, convert(rows, archive.Decision.Recorded)))
	after := map[string]any{"total": out.Total, "newly_blocked": out.NewlyBlocked, "newly_allowed": out.NewlyAllowed}
	return &dryRunOutput{out}, s.record(ctx, actionPolicyDryRun, s.Node, after)
}

// maxDryRunChanges is how many destinations a dry run lists.
const maxDryRunChanges = 200

func egressDryRun(o policy.Outcome) EgressDryRun {
	counts := map[EgressChange]int{}
	for _, c := range slices.Concat(o.NewlyBlocked, o.NewlyAllowed) {
		counts[EgressChange{
			Host: c.Recorded.Request.Host, Port: c.Recorded.Request.Port, Was: string(c.Recorded.Result), Now: string(c.Now.Result),
			Reason: string(c.Now.Reason), Rule: c.Now.RuleID,
		}]++
	}
	out := EgressDryRun{Total: o.Total, NewlyBlocked: len(o.NewlyBlocked), NewlyAllowed: len(o.NewlyAllowed), Changes: []EgressChange{}, Notes: append([]string{}, o.Notes...)}
	for c, n := range counts {
		c.Count = n
		out.Changes = append(out.Changes, c)
	}
	slices.SortFunc(out.Changes, func(a, b EgressChange) int {
		return cmp.Or(-cmp.Compare(a.Now, b.Now), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Reason, b.Reason))
	})
	out.Changes = out.Changes[:min(len(out.Changes), maxDryRunChanges)]
	return out
}
