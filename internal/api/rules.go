package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/rules"
)

// The largest bodies of what holds texts: JSON may write a byte as six.
const (
	maxTryBody    = 512 << 10
	maxImportBody = 4 << 20
)

type ruleListOutput struct{ Body RuleList }

func (s *server) listRules(ctx context.Context, _ *struct{}) (*ruleListOutput, error) {
	all, hits, err := s.Rules.List(ctx)
	if err != nil {
		return nil, err
	}
	return &ruleListOutput{RuleList{Items: convert(all, func(r rules.Rule) Rule { return rule(r, hits[r.ID]) })}}, nil
}

type getRuleInput struct {
	ID          string `path:"id" maxLength:"128" doc:"The rule's id."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"256" doc:"The ETag of what the caller has; 304 when it is still that."`
}

type ruleOutput struct {
	ETag string `header:"ETag" doc:"Changes with every change of the rule."`
	Body RuleDetail
}

func (s *server) getRule(ctx context.Context, in *getRuleInput) (*ruleOutput, error) {
	d, err := s.Rules.Get(ctx, in.ID)
	if err != nil {
		return nil, ruleProblem(err)
	}
	tag := ruleTag(d.Rule)
	if err := notModified(in.IfNoneMatch, tag); err != nil {
		return nil, err
	}
	return &ruleOutput{ETag: tag, Body: ruleDetail(d)}, nil
}

type updateRuleInput struct {
	ID      string `path:"id" maxLength:"128" doc:"The rule's id."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the change rests on; 412 when somebody was faster."`
	Body    RuleUpdate
}

func (s *server) updateRule(ctx context.Context, in *updateRuleInput) (*ruleOutput, error) {
	e, err := edit(in.Body)
	if err != nil {
		return nil, err
	}
	if _, err := s.Rules.Update(ctx, in.ID, e, s.decision(ctx, in.Body.Reason, in.IfMatch)); err != nil {
		return nil, ruleProblem(err)
	}
	return s.getRule(ctx, &getRuleInput{ID: in.ID})
}

type createRuleInput struct{ Body RuleRequest }

func (s *server) createRule(ctx context.Context, in *createRuleInput) (*ruleOutput, error) {
	r, err := custom(in.Body)
	if err != nil {
		return nil, err
	}
	if _, err := s.Rules.Add(ctx, r, s.decision(ctx, in.Body.Reason, "")); err != nil {
		return nil, ruleProblem(err)
	}
	return s.getRule(ctx, &getRuleInput{ID: r.ID})
}

type deleteRuleInput struct {
	ID      string `path:"id" maxLength:"128" doc:"The rule's id."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the decision rests on; 412 when somebody was faster."`
	Reason  string `query:"reason" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

func (s *server) deleteRule(ctx context.Context, in *deleteRuleInput) (*struct{}, error) {
	return &struct{}{}, ruleProblem(s.Rules.Remove(ctx, in.ID, s.decision(ctx, in.Reason, in.IfMatch)))
}

type testRulesInput struct{ Body RuleTestRequest }

type ruleTestOutput struct{ Body RuleTest }

// testRules tries a text. Neither it nor what is found is kept.
func (s *server) testRules(ctx context.Context, in *testRulesInput) (*ruleTestOutput, error) {
	draft, err := draftOf(in.Body.Rule)
	if err != nil {
		return nil, err
	}
	found, report, err := s.Rules.Try(ctx, []byte(in.Body.Text), draft)
	if err != nil {
		return nil, ruleProblem(err)
	}
	defer func() {
		for _, f := range found {
			f.Secret.Wipe()
		}
	}()
	return &ruleTestOutput{ruleTest(in.Body.Text, found, report)}, nil
}

type importRulesInput struct{ Body RuleImportRequest }

type ruleImportOutput struct{ Body RuleImport }

func (s *server) importRules(ctx context.Context, in *importRulesInput) (*ruleImportOutput, error) {
	name := in.Body.Name
	if name == "" {
		name = "content"
	}
	res, err := s.Rules.Import(ctx, name, []byte(in.Body.Content), in.Body.DryRun, s.decision(ctx, in.Body.Reason, ""))
	if err != nil {
		return nil, ruleProblem(err)
	}
	return &ruleImportOutput{ruleImport(res, in.Body.DryRun)}, nil
}

// decision is who asks for a change, and the version it rests on.
func (s *server) decision(ctx context.Context, reason, ifMatch string) rules.Decision {
	who, _ := auth.PrincipalFrom(ctx)
	if s.Redact != nil {
		reason = s.Redact(reason)
	}
	return rules.Decision{Who: who, Reason: reason, Check: func(now rules.Rule) error {
		return restsOn(ifMatch, ruleTag(now), "the rule has changed")
	}}
}

// ruleTag names the version of a rule.
func ruleTag(r rules.Rule) string {
	return `"` + digest(r.ID, string(r.Origin), strconv.FormatInt(r.Version, 10), r.Regex, r.Severity.String(), fmt.Sprint(r.Confidence, r.Active, r.Held))[:32] + `"`
}

// ruleProblem turns what the manager of rules says into an answer.
func ruleProblem(err error) error {
	var input *rules.InputError
	switch {
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.Is(err, rules.ErrNotFound):
		return problem(http.StatusNotFound, "%s; GET /api/v1/rules lists all", err)
	case errors.Is(err, rules.ErrConflict):
		return problem(http.StatusConflict, "somebody else changed the rule at the same time; read it again")
	case errors.Is(err, rules.ErrExists), errors.Is(err, rules.ErrNotOwn), errors.Is(err, rules.ErrHeld):
		return problem(http.StatusConflict, "%s", err)
	}
	return err
}

// edit reads an update.
func edit(u RuleUpdate) (rules.Edit, error) {
	e := rules.Edit{
		Patch: rules.Patch{Active: u.Active, Confidence: u.Confidence, Regex: u.Regex}, Description: u.Description, SecretGroup: u.SecretGroup,
		Keywords: u.Keywords, Entropy: u.Entropy, SecretType: u.SecretType, Tags: u.Tags, Recommendation: u.Recommendation, Reset: u.Reset,
	}
	if u.Allowlist != nil {
		a := detect.Allowlist(*u.Allowlist)
		e.Allowlist = &a
	}
	severity, err := ruleSeverity(u.Severity)
	e.Severity = severity
	return e, err
}

func ruleSeverity(text *string) (*detect.Severity, error) {
	if text == nil {
		return nil, nil
	}
	v, err := detect.ParseSeverity(*text)
	if err != nil {
		return nil, invalid("body.severity", err.Error())
	}
	return &v, nil
}

func custom(in RuleRequest) (detect.Rule, error) {
	draft, err := draftOf(&in.RuleDraft)
	if err != nil {
		return detect.Rule{}, err
	}
	r := *draft
	r.ID, r.Description, r.Family, r.Tags, r.Recommendation = in.ID, in.Description, "custom", in.Tags, in.Recommendation
	r.Active = in.Active == nil || *in.Active
	r.SecretType = in.SecretType
	r.Positives, r.Negatives = in.Positives, in.Negatives
	return r, nil
}

// draftID is what findings of a draft call their rule.
const draftID = "draft"

func draftOf(d *RuleDraft) (*detect.Rule, error) {
	if d == nil {
		return nil, nil
	}
	severity, err := ruleSeverity(&d.Severity)
	if err != nil {
		return nil, err
	}
	return &detect.Rule{
		ID: draftID, Regex: d.Regex, SecretGroup: d.SecretGroup, Keywords: d.Keywords, Entropy: d.Entropy, Severity: *severity,
		Confidence: d.Confidence, SecretType: d.SecretType, Active: true, Allowlist: detect.Allowlist(d.Allowlist),
	}, nil
}
