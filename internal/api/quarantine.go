package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/leak"
)

// The kinds of lists, in their cursors.
const (
	quarantineList = "q1"
	findingList    = "f1"
)

// maxFindings is how many findings a detail shows.
const maxFindings = 100

type listQuarantineInput struct {
	PageQuery
	Source   string         `query:"source" maxLength:"128" doc:"Only of this source."`
	Rule     string         `query:"rule" maxLength:"128" doc:"Only of this rule."`
	Severity []string       `query:"severity,explode" enum:"low,medium,high,critical" nullable:"false" doc:"Only of these severities; may repeat."`
	Print    string         `query:"fingerprint" maxLength:"128" doc:"Only of this secret."`
	Reviewed Optional[bool] `query:"reviewed" doc:"Only judged ones (true) or only those still to be judged (false)."`
}

type quarantinePageOutput struct{ Body QuarantinePage }

func (s *server) listQuarantine(ctx context.Context, in *listQuarantineInput) (*quarantinePageOutput, error) {
	page, err := in.page(quarantineList)
	if err != nil {
		return nil, err
	}
	wanted, err := severities(in.Severity)
	if err != nil {
		return nil, err
	}
	filter := leak.QuarantineFilter{Source: in.Source, Rule: in.Rule, Severities: wanted, Reviewed: in.Reviewed.pointer(), Fingerprint: in.Print}
	rows, err := s.Quarantine.ListQuarantine(ctx, filter, page)
	if err != nil {
		return nil, fmt.Errorf("listing quarantine: %w", err)
	}
	rows, next := nextPage(quarantineList, in.Limit, rows, func(q leak.Quarantine) string { return q.ID })
	return &quarantinePageOutput{QuarantinePage{Items: convert(rows, s.quarantine), NextCursor: next}}, nil
}

type getQuarantineInput struct {
	ID          string `path:"id" format:"uuid" doc:"The entry's id."`
	IfNoneMatch string `header:"If-None-Match" maxLength:"256" doc:"The ETag of what the caller has; 304 when it is still that."`
}

type quarantineDetailOutput struct {
	ETag string `header:"ETag" doc:"Changes with every review."`
	Body QuarantineDetail
}

func (s *server) getQuarantine(ctx context.Context, in *getQuarantineInput) (*quarantineDetailOutput, error) {
	q, err := s.entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	tag := etag(q)
	if err := notModified(in.IfNoneMatch, tag); err != nil {
		return nil, err
	}
	found, err := s.Findings.ListFindings(ctx, leak.FindingFilter{Quarantine: q.ID}, leak.Page{Limit: maxFindings})
	if err != nil {
		return nil, fmt.Errorf("listing the entry's findings: %w", err)
	}
	return &quarantineDetailOutput{ETag: tag, Body: QuarantineDetail{
		Quarantine: s.quarantine(q), Findings: convert(found, finding), Timeline: timeline(q, found),
	}}, nil
}

func (s *server) entry(ctx context.Context, entryID string) (leak.Quarantine, error) {
	q, err := s.Quarantine.Quarantine(ctx, strings.ToLower(entryID))
	if errors.Is(err, leak.ErrNotFound) {
		return q, problem(http.StatusNotFound, "there is no quarantine entry %s; it may have expired", entryID)
	}
	if err != nil {
		return q, fmt.Errorf("reading quarantine entry: %w", err)
	}
	return q, nil
}

type reviewInput struct {
	ID      string `path:"id" format:"uuid" doc:"The entry's id."`
	Key     string `header:"Idempotency-Key" maxLength:"128" doc:"Any unique text: a repeat with the same one gets the first answer again."`
	IfMatch string `header:"If-Match" maxLength:"256" doc:"The ETag the judgement rests on; 412 when somebody was faster."`
	Body    ReviewRequest
}

type quarantineOutput struct {
	ETag string `header:"ETag" doc:"Of the entry as it is now."`
	Body Quarantine
}

func (s *server) reviewQuarantine(ctx context.Context, in *reviewInput) (*quarantineOutput, error) {
	who, _ := auth.PrincipalFrom(ctx)
	if s.Redact != nil {
		in.Body.Reason = s.Redact(in.Body.Reason)
	}
	if in.Key == "" {
		return s.review(ctx, who, in)
	}
	request := digest(in.ID, in.Body.Action, in.Body.Reason)
	return s.reviews.once(ctx, who.Label()+" "+in.Key, request, func() (*quarantineOutput, error) { return s.review(ctx, who, in) })
}

// review compares and stores under one lock, so that of two people who judge
// the same version one gets 412. One process serves a store at a time.
func (s *server) review(ctx context.Context, who auth.Principal, in *reviewInput) (*quarantineOutput, error) {
	s.reviews.one.Lock()
	defer s.reviews.one.Unlock()
	before, err := s.entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := restsOn(in.IfMatch, etag(before), "the entry has changed"); err != nil {
		return nil, err
	}
	now := s.Clock.Now().UTC().Truncate(time.Microsecond)
	after, err := s.Quarantine.ReviewQuarantine(ctx, before.ID,
		leak.Review{Action: in.Body.Action, Reason: in.Body.Reason, Reviewer: who.Label(), At: now},
		who.Act(now, "quarantine.review", before.ID, in.Body.Reason), s.Node+"/api")
	if err != nil {
		return nil, fmt.Errorf("reviewing quarantine entry: %w", err)
	}
	return &quarantineOutput{ETag: etag(after), Body: s.quarantine(after)}, nil
}

type listFindingsInput struct {
	PageQuery
	Source      string   `query:"source" maxLength:"128" doc:"Only of this source."`
	Rule        string   `query:"rule" maxLength:"128" doc:"Only of this rule."`
	Severity    []string `query:"severity,explode" enum:"info,low,medium,high,critical" nullable:"false" doc:"Only of these severities; may repeat."`
	Fingerprint string   `query:"fingerprint" maxLength:"128" doc:"Only of this secret."`
}

type findingPageOutput struct{ Body FindingPage }

func (s *server) listFindings(ctx context.Context, in *listFindingsInput) (*findingPageOutput, error) {
	page, err := in.page(findingList)
	if err != nil {
		return nil, err
	}
	wanted, err := severities(in.Severity)
	if err != nil {
		return nil, err
	}
	filter := leak.FindingFilter{Source: in.Source, Rule: in.Rule, Severities: wanted, Fingerprint: in.Fingerprint}
	rows, err := s.Findings.ListFindings(ctx, filter, page)
	if err != nil {
		return nil, fmt.Errorf("listing findings: %w", err)
	}
	rows, next := nextPage(findingList, in.Limit, rows, func(f leak.Finding) string { return f.ID })
	return &findingPageOutput{FindingPage{Items: convert(rows, finding), NextCursor: next}}, nil
}

// etag names the version of an entry (RFC 9110, section 8.8.3). Only a review
// changes one.
func etag(q leak.Quarantine) string {
	at := ""
	if q.ReviewTimestamp != nil {
		at = utc(*q.ReviewTimestamp).Format(time.RFC3339Nano)
	}
	return `"` + digest(q.ID, fmt.Sprint(q.Reviewed), q.ReviewAction, q.ReviewReason, q.Reviewer, at)[:32] + `"`
}

// digest joins texts without confusion and returns their SHA-256 in hex.
func digest(parts ...string) string {
	b, err := json.Marshal(parts)
	if err != nil { // strings: cannot fail
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
