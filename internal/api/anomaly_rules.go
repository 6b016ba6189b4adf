package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	anomalyrule "go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
)

// maxAnomalyTryBody is the largest body of a try: JSON may write a byte of a record as two.
const maxAnomalyTryBody = 3 << 20

// anomalyTryWithin bounds a try, which gives up reading sooner.
const anomalyTryWithin = 25 * time.Second

// anomalyRuleRoutes lists the operations on anomaly rules.
func (s *server) anomalyRuleRoutes() {
	handle(s, route{call: "GET /anomaly/rules", gate: viewer, id: "listAnomalyRules", tag: "anomalies", summary: "List the anomaly rules",
		more: "Those in force, those that are switched off, and those that cannot run, each with its reason."}, s.listAnomalyRules)
	handle(s, route{call: "POST /anomaly/rules", gate: admin, id: "createAnomalyRule", tag: "anomalies", summary: "Add an anomaly rule",
		more: "What is wrong with it is said with its line. It counts what was reported within its window before.", status: 201, errors: []int{409}}, s.createAnomalyRule)
	handle(s, route{call: "POST /anomaly/rules/try", gate: reviewer, id: "tryAnomalyRule", tag: "anomalies", summary: "Try a draft of an anomaly rule on records",
		more: "On those that are given, or on what was recorded. Nothing is stored.", body: maxAnomalyTryBody, within: anomalyTryWithin, errors: []int{409}}, s.tryAnomalyRule)
	handle(s, route{call: "GET /anomaly/rules/{id}", gate: viewer, id: "getAnomalyRule", tag: "anomalies", summary: "Show an anomaly rule with its history",
		more: "The ETag changes with every change; give it as If-Match when changing.", errors: []int{404}}, s.getAnomalyRule)
	handle(s, route{call: "PUT /anomaly/rules/{id}", gate: admin, id: "updateAnomalyRule", tag: "anomalies", summary: "Change an anomaly rule, or switch it",
		more: "A rule of a file is changed in its file; here it can be switched off and on.", errors: []int{404, 409, 412}}, s.updateAnomalyRule)
	handle(s, route{call: "DELETE /anomaly/rules/{id}", gate: admin, id: "deleteAnomalyRule", tag: "anomalies", summary: "Remove an anomaly rule",
		more: "Its open anomalies are over. A rule of a file is switched off instead.", errors: []int{404, 409, 412}}, s.deleteAnomalyRule)
}

type anomalyRuleListOutput struct{ Body AnomalyRuleList }

func (s *server) listAnomalyRules(ctx context.Context, _ *struct{}) (*anomalyRuleListOutput, error) {
	all, err := s.AnomalyRules.List(ctx)
	if err != nil {
		return nil, err
	}
	return &anomalyRuleListOutput{AnomalyRuleList{convert(all, anomalyRule), s.AnomalyRules.Refused(), anomalyrule.MaxCost}}, nil
}

type getAnomalyRuleInput struct {
	ID          string `path:"id" maxLength:"64" doc:"The rule's id."`
	Origin      string `query:"origin" enum:"file,custom" doc:"Whose rule, when a file and an operator each have one of that id. Absent: the operator's."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"256" doc:"The ETag of what the caller has; 304 when it is still that."`
}

type anomalyRuleOutput struct {
	ETag string `header:"ETag" doc:"Changes with every change of the rule."`
	Body AnomalyRuleDetail
}

func (s *server) getAnomalyRule(ctx context.Context, in *getAnomalyRuleInput) (*anomalyRuleOutput, error) {
	d, err := s.AnomalyRules.Get(ctx, in.ID, rulebook.Origin(in.Origin))
	if err != nil {
		return nil, anomalyRuleProblem(err)
	}
	tag := anomalyRuleTag(d.Entry)
	if err := notModified(in.IfNoneMatch, tag); err != nil {
		return nil, err
	}
	return &anomalyRuleOutput{ETag: tag, Body: anomalyRuleDetail(d)}, nil
}

type createAnomalyRuleInput struct{ Body AnomalyRuleRequest }

func (s *server) createAnomalyRule(ctx context.Context, in *createAnomalyRuleInput) (*anomalyRuleOutput, error) {
	enabled := in.Body.Enabled == nil || *in.Body.Enabled
	e, err := s.AnomalyRules.Add(ctx, in.Body.Text, enabled, s.anomalyDecision(ctx, in.Body.Reason, ""))
	if err != nil {
		return nil, anomalyRuleProblem(err)
	}
	return s.getAnomalyRule(ctx, &getAnomalyRuleInput{ID: e.ID})
}

type updateAnomalyRuleInput struct {
	ID      string `path:"id" maxLength:"64" doc:"The rule's id."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the change rests on; 412 when somebody was faster."`
	Body    AnomalyRuleUpdate
}

func (s *server) updateAnomalyRule(ctx context.Context, in *updateAnomalyRuleInput) (*anomalyRuleOutput, error) {
	edit := rulebook.Edit{Text: in.Body.Text, Enabled: in.Body.Enabled}
	if _, err := s.AnomalyRules.Update(ctx, in.ID, edit, s.anomalyDecision(ctx, in.Body.Reason, in.IfMatch)); err != nil {
		return nil, anomalyRuleProblem(err)
	}
	return s.getAnomalyRule(ctx, &getAnomalyRuleInput{ID: in.ID})
}

type deleteAnomalyRuleInput struct {
	ID      string `path:"id" maxLength:"64" doc:"The rule's id."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the decision rests on; 412 when somebody was faster."`
	Reason  string `query:"reason" maxLength:"2000" doc:"Why; kept in the history and the audit log."`
}

func (s *server) deleteAnomalyRule(ctx context.Context, in *deleteAnomalyRuleInput) (*struct{}, error) {
	return &struct{}{}, anomalyRuleProblem(s.AnomalyRules.Remove(ctx, in.ID, s.anomalyDecision(ctx, in.Reason, in.IfMatch)))
}

// anomalyDecision is who asks for a change, and the version it rests on.
func (s *server) anomalyDecision(ctx context.Context, reason, ifMatch string) rulebook.Decision {
	who, _ := auth.PrincipalFrom(ctx)
	return rulebook.Decision{Who: who, Reason: s.redacted(reason), Check: func(now rulebook.Entry) error {
		return restsOn(ifMatch, anomalyRuleTag(now), "the rule has changed")
	}}
}

func (s *server) redacted(text string) string {
	if s.Redact == nil {
		return text
	}
	return s.Redact(text)
}

// anomalyRuleTag names the version of a rule. What others came to is no part of it.
func anomalyRuleTag(e rulebook.Entry) string {
	return `"` + digest(e.ID, string(e.Origin), e.Text, strconv.FormatInt(e.Version, 10), strconv.FormatBool(e.Enabled))[:32] + `"`
}

type tryAnomalyRuleInput struct{ Body AnomalyTryRequest }

type anomalyTryOutput struct{ Body AnomalyTry }

// tryAnomalyRule tries a draft. Neither it nor the records are kept.
func (s *server) tryAnomalyRule(ctx context.Context, in *tryAnomalyRuleInput) (*anomalyTryOutput, error) {
	d := rulebook.Draft{Text: in.Body.Text}
	if in.Body.Since != nil {
		d.Since = *in.Body.Since
	}
	if in.Body.Until != nil {
		d.Until = *in.Body.Until
	}
	var err error
	if d.Records, err = s.pasted(in.Body); err != nil {
		return nil, err
	}
	t, err := s.AnomalyRules.Try(ctx, d)
	if err != nil {
		return nil, anomalyRuleProblem(err)
	}
	return &anomalyTryOutput{anomalyTry(t)}, nil
}

// pasted reads the records that are given, as they would be taken: without secrets.
func (s *server) pasted(in AnomalyTryRequest) ([]event.SecurityRecord, error) {
	switch given := strings.TrimSpace(in.Records) != ""; {
	case given && (in.Since != nil || in.Until != nil):
		return nil, invalid("body.records", "give either records or a stretch of time")
	case !given:
		return nil, nil
	}
	records, err := anomaly.ReadRecords(strings.NewReader(in.Records))
	if err != nil {
		return nil, invalid("body.records", s.redacted(err.Error()))
	}
	if len(records) > rulebook.MaxPasted {
		return nil, invalid("body.records", fmt.Sprintf("there are %d; %d is the most", len(records), rulebook.MaxPasted))
	}
	for i, r := range records {
		if records[i], err = ingest.Fit(r, s.redacted); err != nil {
			return nil, invalid("body.records", s.redacted(fmt.Sprintf("record %d: %v", i+1, err)))
		}
	}
	return records, nil
}

// anomalyRuleProblem turns what the book of rules says into an answer.
func anomalyRuleProblem(err error) error {
	var input *rulebook.InputError
	switch {
	case errors.As(err, &input):
		return invalid("body."+input.Field, input.Why)
	case errors.Is(err, rulebook.ErrNotFound):
		return problem(http.StatusNotFound, "%s; GET /api/v1/anomaly/rules lists all", err)
	case errors.Is(err, rulebook.ErrConflict):
		return problem(http.StatusConflict, "somebody else changed the rule at the same time; read it again")
	case errors.Is(err, rulebook.ErrExists), errors.Is(err, rulebook.ErrFromFile):
		return problem(http.StatusConflict, "%s", err)
	case errors.Is(err, rulebook.ErrBusy):
		return retryAfter(problem(http.StatusConflict, "%s", err), 5*time.Second)
	}
	return err
}
