package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/policies"
)

// EgressStore reads what was decided.
type EgressStore interface {
	ListDecisions(ctx context.Context, f archive.Filter, p archive.Page) ([]archive.Decision, error)
	// Destinations returns at most limit, those asked for last first.
	Destinations(ctx context.Context, limit int) ([]archive.Destination, error)
	DayCounts(ctx context.Context, fromDay string) ([]archive.DayCount, error)
}

// EgressSwitch is the kill switch of this node.
type EgressSwitch interface {
	KillSwitch() EgressKillSwitch
	// TurnKillSwitch turns it and stores the audit entry. Turning it on takes
	// effect whatever the error is.
	TurnKillSwitch(ctx context.Context, on bool, by audit.Entry) error
}

// EgressGateway is the gateway of this node.
type EgressGateway interface {
	Listens() EgressDoors
	Flows() []EgressFlow
	Recording() error // why decisions cannot be recorded; nil: they are
}

// EgressDoors are the addresses where a node listens; those are empty where it does
// not.
type EgressDoors struct{ Gateway, DNS, Transparent string }

// Egress is the egress sensor.
type Egress struct {
	Store     EgressStore       // Mandatory.
	Endpoints EndpointStore     // Mandatory.
	Baselines BaselineReader    // Mandatory.
	Policies  *policies.Manager // Mandatory.
	Switch    EgressSwitch      // If nil, no server runs: it cannot be turned.
	Gateway   EgressGateway     // If nil, no server runs.
	// Authority has the certificate that programs are to trust. Mandatory.
	Authority EgressAuthority
	// Budgets lists what has left by rules with a data_budget. If nil, no server runs.
	Budgets func() []EgressBudget
	// Ask judges and records for a program that guards itself. If nil, no server runs.
	Ask func(ctx context.Context, q EgressQuestion) policy.Decision
	// Hear judges and records a message of MCP that somebody is to pass on between an
	// agent and a server that it started. If nil, no server runs.
	Hear func(ctx context.Context, m EgressMessage) policy.Decision
	// Changed returns a channel that is closed when the kill switch is turned or another
	// policy comes into force. If nil, no server runs.
	Changed func() <-chan struct{}
	// Names asks the name servers that the node's name server asks, whether they
	// answer. If nil, there is no name server.
	Names func(ctx context.Context) []EgressNameServer
	// Verify reads the whole audit.log of this node. Mandatory.
	Verify func(ctx context.Context) (ledger.Report, error)
}

// The actions that this file writes into the audit log.
const (
	actionPolicyChange   = "egress.policy.change"
	actionPolicyEdit     = "egress.policy.edit"
	actionPolicyRollback = "egress.policy.rollback"
	actionPolicyDryRun   = "egress.policy.dry_run"
	actionEgressVerify   = "egress.audit.verify"
	actionKillSwitchOn   = "egress.killswitch.on"
	actionKillSwitchOff  = "egress.killswitch.off"
)

// maxPolicyBody is the largest body with a policy: JSON may write a byte as six.
const maxPolicyBody = 64 << 20

// sensor is the egress sensor, or why it does not answer.
func (s *server) sensor() (*Egress, error) {
	if s.Egress == nil {
		return nil, problem(http.StatusConflict, "the egress sensor is off; give the configuration a section egress")
	}
	return s.Egress, nil
}

type egressStatusOutput struct{ Body EgressStatus }

func (s *server) egressStatus(context.Context, *struct{}) (*egressStatusOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	p := e.Policies.Policy()
	set := p.Settings()
	out := EgressStatus{
		Mode: string(set.Mode), Default: string(set.Default), Network: set.NetworkEnabled, LocalOnly: set.LocalhostOnly, Rules: len(p.Rules()),
		Unsupported: convert(p.Unsupported(), func(u policy.Unsupported) EgressUnsupported { return EgressUnsupported(u) }),
		Problem:     text(e.Policies.Problem()),
	}
	if v, err := e.Policies.Current(); err == nil {
		out.Version = v.Number
	}
	if e.Switch != nil {
		out.KillSwitch = e.Switch.KillSwitch()
	}
	if e.Gateway != nil {
		doors := e.Gateway.Listens()
		out.Listen, out.DNS, out.Transparent = doors.Gateway, doors.DNS, doors.Transparent
		out.Flows, out.Recording = len(e.Gateway.Flows()), text(e.Gateway.Recording())
	}
	return &egressStatusOutput{out}, nil
}

// text is an error for people; empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

type listDecisionsInput struct {
	PageQuery
	Verdict string `query:"verdict" enum:"allow,deny" doc:"Only these."`
	Host    string `query:"host" maxLength:"253" doc:"Only to exactly this host."`
	Program string `query:"program" maxLength:"512" doc:"Only of exactly this executable."`
	Rule    string `query:"rule" maxLength:"191" doc:"Only those that this rule of the policy decided."`
	Reason  string `query:"reason" maxLength:"64" doc:"Only with this reason."`
	Node    string `query:"node" maxLength:"127" doc:"Only of this node."`
	Leaks   bool   `query:"leaks" doc:"Only those in which secrets were found."`
}

type decisionPageOutput struct{ Body EgressDecisionPage }

// decisionList is the kind of the list, in its cursors.
const decisionList = "e1"

func (s *server) listDecisions(ctx context.Context, in *listDecisionsInput) (*decisionPageOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	p, err := in.page(decisionList)
	if err != nil {
		return nil, err
	}
	f := archive.Filter{Decision: in.Verdict, Host: in.Host, Program: in.Program, Rule: in.Rule, Reason: in.Reason, Node: in.Node, Findings: in.Leaks}
	rows, err := e.Store.ListDecisions(ctx, f, archive.Page{Limit: p.Limit, After: p.After})
	if err != nil {
		return nil, err
	}
	page := EgressDecisionPage{}
	rows, page.NextCursor = nextPage(decisionList, in.Limit, rows, func(d archive.Decision) string { return d.ID })
	page.Items = convert(rows, egressDecision)
	return &decisionPageOutput{page}, nil
}

func egressDecision(d archive.Decision) EgressDecision {
	return EgressDecision{
		ID: d.ID, Seq: d.Seq, Node: d.Node, Flow: d.Flow, Time: utc(d.Time), Decision: d.Entry.Decision, Rule: d.Rule, Reason: d.Reason, Detail: d.Detail,
		Would: d.Would, Entry: d.Entrance, Client: d.Client, Host: d.Host, Port: d.Port, Address: d.Address, Protocol: d.Protocol, Method: d.Method,
		URL: d.URL, BytesOut: d.BytesOut, BytesIn: d.BytesIn, EndedAt: utcOrNull(d.EndedAt), Cut: d.Cut, PID: d.PID, Exe: d.Exe, Cmdline: d.Cmdline,
		SourceFile: d.SourceFile, SourceLine: d.SourceLine, Function: d.Function,
		Findings: convert(d.Findings, func(f ledger.Finding) EgressFinding { return EgressFinding(f) }),
	}
}

type flowListOutput struct{ Body EgressFlowList }

func (s *server) listFlows(context.Context, *struct{}) (*flowListOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	out := EgressFlowList{Items: []EgressFlow{}}
	if e.Gateway != nil {
		out.Items = convert(e.Gateway.Flows(), func(f EgressFlow) EgressFlow { return f })
	}
	return &flowListOutput{out}, nil
}

type killSwitchOutput struct{ Body EgressKillSwitch }

func (s *server) killSwitch(context.Context, *struct{}) (*killSwitchOutput, error) {
	w, err := s.killSwitchOf()
	if err != nil {
		return nil, err
	}
	return &killSwitchOutput{w.KillSwitch()}, nil
}

func (s *server) killSwitchOf() (EgressSwitch, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if e.Switch == nil {
		return nil, problem(http.StatusConflict, "no server runs here, so there is nothing to stop; start one with: cordon serve")
	}
	return e.Switch, nil
}

type turnKillSwitchInput struct{ Body EgressKillSwitchRequest }

// turnKillSwitch: whoever may respond may stop everything; only an admin lets
// it go on.
func (s *server) turnKillSwitch(ctx context.Context, in *turnKillSwitchInput) (*killSwitchOutput, error) {
	w, err := s.killSwitchOf()
	if err != nil {
		return nil, err
	}
	reason, err := s.reason(in.Body.Reason)
	if err != nil {
		return nil, err
	}
	who, _ := auth.PrincipalFrom(ctx)
	action := actionKillSwitchOn
	if !in.Body.Active {
		action = actionKillSwitchOff
		if !who.Role.Includes(auth.Admin) {
			return nil, problem(http.StatusForbidden, "only an admin may turn the kill switch off, and %s has the role %s", who.Label(), who.Role)
		}
	}
	if err := w.TurnKillSwitch(ctx, in.Body.Active, who.Act(s.Clock.Now(), action, s.Node, reason)); err != nil {
		return nil, err
	}
	return &killSwitchOutput{w.KillSwitch()}, nil
}

type destinationsInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many."`
}

type destinationListOutput struct{ Body EgressDestinationList }

func (s *server) listDestinations(ctx context.Context, in *destinationsInput) (*destinationListOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	all, err := e.Store.Destinations(ctx, in.Limit)
	if err != nil {
		return nil, err
	}
	return &destinationListOutput{EgressDestinationList{Items: convert(all, func(d archive.Destination) EgressDestination { return EgressDestination(d) })}}, nil
}

type egressStatsInput struct {
	Days int `query:"days" minimum:"1" maximum:"366" default:"7" doc:"How many days back, today included (UTC)."`
}

type egressStatsOutput struct{ Body EgressStats }

func (s *server) egressStats(ctx context.Context, in *egressStatsInput) (*egressStatsOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	all, err := e.Store.DayCounts(ctx, s.Clock.Now().AddDate(0, 0, 1-in.Days).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	out := EgressStats{Days: convert(all, func(d archive.DayCount) EgressDayCount { return EgressDayCount(d) })}
	for _, d := range all {
		if d.Decision == string(policy.Allow) {
			out.Allowed += d.Total
		} else {
			out.Denied += d.Total
		}
	}
	return &egressStatsOutput{out}, nil
}

type egressAuditOutput struct{ Body EgressAuditReport }

// verifyEgress reads the whole log. One does it at a time: it is work.
func (s *server) verifyEgress(ctx context.Context, _ *struct{}) (*egressAuditOutput, error) {
	e, err := s.sensor()
	if err != nil {
		return nil, err
	}
	if !s.verifying.TryLock() {
		return nil, retryAfter(problem(http.StatusConflict, "a verification is under way; try again when it is done"), 5*time.Second)
	}
	defer s.verifying.Unlock()
	r, err := e.Verify(ctx)
	if err != nil {
		return nil, err
	}
	out := EgressAuditReport{
		OK: r.OK(), Files: r.Files, Lines: r.Lines, First: r.First, Last: r.Head.Seq, LastHash: r.Head.Hash, Checkpoints: r.Checkpoints,
		SignedUpTo: r.Signed, Torn: r.Torn, More: r.More,
		Problems: convert(r.Problems, func(p audit.Problem) AuditProblem {
			return AuditProblem{Seq: p.Seq, Kind: p.Kind, Detail: p.Detail}
		}),
	}
	after := map[string]any{"ok": out.OK, "lines": out.Lines, "problems": len(out.Problems) + out.More}
	return &egressAuditOutput{out}, s.record(ctx, actionEgressVerify, s.Node, after)
}

// policyProblem turns what the manager of policies says into an answer.
func policyProblem(err error) error {
	var bad *policies.InvalidError
	switch {
	case errors.As(err, &bad):
		return invalid("body.document", clipped(bad.Error()))
	case errors.Is(err, policies.ErrNone):
		return problem(http.StatusNotFound, "%s; GET /api/v1/egress/policy/versions lists all, and cordon egress init writes a first one", err)
	case errors.Is(err, policies.ErrConflict):
		return problem(http.StatusPreconditionFailed, "%s", err)
	}
	return err
}

// maxPolicyErrors bounds what is said of a document, in bytes.
const maxPolicyErrors = 8 << 10

func clipped(s string) string {
	if len(s) <= maxPolicyErrors {
		return s
	}
	return s[:maxPolicyErrors] + "… and more"
}
