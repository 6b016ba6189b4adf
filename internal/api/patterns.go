package api

import (
	"context"
	"net/http"
	"strings"

	"go.cordon.dev/cordon/internal/rules"
)

// The names of the sentinel's plan for what is otherwise called a rule.

type patternListOutput struct{ Body PatternList }

func (s *server) listPatterns(ctx context.Context, _ *struct{}) (*patternListOutput, error) {
	all, _, err := s.Rules.List(ctx)
	return &patternListOutput{PatternList{Items: convert(all, pattern)}}, err
}

func pattern(r rules.Rule) Pattern {
	return Pattern{
		Name: r.ID, Regex: r.Regex, Severity: r.Severity.String(), Confidence: r.Confidence, Active: r.Active, SecretType: r.SecretType,
	}
}

type patternInput struct {
	Name string `path:"name" maxLength:"128" doc:"The rule's id, or a secret type that one rule alone finds."`
}

type patternOutput struct{ Body Pattern }

func (s *server) getPattern(ctx context.Context, in *patternInput) (*patternOutput, error) {
	r, err := s.named(ctx, in.Name)
	return &patternOutput{pattern(r)}, err
}

// named finds a rule by its id, or by its secret type when that is enough.
func (s *server) named(ctx context.Context, name string) (rules.Rule, error) {
	all, _, err := s.Rules.List(ctx)
	if err != nil {
		return rules.Rule{}, err
	}
	var ids []string
	var last rules.Rule
	for _, r := range all {
		if r.ID == name {
			return r, nil
		}
		if r.SecretType == name {
			ids, last = append(ids, r.ID), r
		}
	}
	switch len(ids) {
	case 0:
		return rules.Rule{}, problem(http.StatusNotFound, "there is no pattern of that name; GET /api/v1/patterns lists all")
	case 1:
		return last, nil
	}
	return rules.Rule{}, problem(http.StatusConflict, "%d rules find %s: %s; name one of them", len(ids), name, strings.Join(ids, ", "))
}

type updatePatternInput struct {
	Name string `path:"name" maxLength:"128" doc:"The rule's id, or a secret type that one rule alone finds."`
	Body PatternUpdate
}

func (s *server) updatePattern(ctx context.Context, in *updatePatternInput) (*patternOutput, error) {
	r, err := s.named(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	severity, err := ruleSeverity(in.Body.Severity)
	if err != nil {
		return nil, err
	}
	e := rules.Edit{Patch: rules.Patch{Active: in.Body.Active, Severity: severity, Confidence: in.Body.Confidence, Regex: in.Body.Regex}}
	r, err = s.Rules.Update(ctx, r.ID, e, s.decision(ctx, in.Body.Reason, ""))
	return &patternOutput{pattern(r)}, ruleProblem(err)
}

type createPatternInput struct{ Body PatternRequest }

func (s *server) createPattern(ctx context.Context, in *createPatternInput) (*patternOutput, error) {
	b := in.Body
	r, err := custom(RuleRequest{
		ID: b.Name, Description: "added as a pattern", Active: b.Active,
		RuleDraft: RuleDraft{Regex: b.Regex, Severity: b.Severity, Confidence: b.Confidence},
	})
	if err != nil {
		return nil, err
	}
	added, err := s.Rules.Add(ctx, r, s.decision(ctx, b.Reason, ""))
	return &patternOutput{pattern(added)}, ruleProblem(err)
}

func (s *server) deletePattern(ctx context.Context, in *patternInput) (*struct{}, error) {
	r, err := s.named(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, ruleProblem(s.Rules.Remove(ctx, r.ID, s.decision(ctx, "", "")))
}
