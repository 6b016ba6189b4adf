package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
)

// verifyDeadline bounds the reading of the whole audit log.
const verifyDeadline = 5 * time.Minute

// The actions that this file writes into the audit log.
const (
	actionVerify     = "audit.verify"
	actionCheckpoint = "audit.checkpoint"
)

type listAuditInput struct {
	PageQuery
	Actor  string    `query:"actor" maxLength:"128" doc:"Only of the actor with this name."`
	Action string    `query:"action" maxLength:"64" example:"user.*" doc:"Only this action, or with .* at its end all of one object."`
	Target string    `query:"target" maxLength:"256" doc:"Only what was done to this."`
	From   time.Time `query:"from" doc:"Only at this time or later."`
	To     time.Time `query:"to" doc:"Only before this time."`
}

type auditPageOutput struct{ Body AuditPage }

func (s *server) listAudit(ctx context.Context, in *listAuditInput) (*auditPageOutput, error) {
	before, err := numberOf(auditList, in.Cursor)
	if err != nil {
		return nil, err
	}
	f := audit.Filter{Actor: in.Actor, Action: in.Action, Target: in.Target, From: in.From, To: in.To}
	rows, err := s.Audit.ListAudit(ctx, f, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := AuditPage{}
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		page.NextCursor = new(numberCursor(auditList, rows[in.Limit-1].Seq))
	}
	page.Items = convert(rows, auditRecord)
	return &auditPageOutput{page}, nil
}

// auditList is the kind of the list, in its cursors.
const auditList = "a1"

func auditRecord(r audit.Record) AuditRecord {
	return AuditRecord{
		Seq: r.Seq, ID: r.ID, Time: utc(r.Time), Actor: AuditActor{Kind: r.Actor.Kind, Name: r.Actor.Name, Role: r.Actor.Role, Addr: r.Actor.Addr},
		Action: r.Action, Target: r.Target, Reason: r.Reason, Before: value(r.Before), After: value(r.After), Hash: r.Hash,
	}
}

// value is recorded JSON as a value; what is not JSON comes as text.
func value(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	return v
}

type verifyInput struct{ Body AuditVerifyRequest }

type verifyOutput struct{ Body AuditReport }

// verifyAudit reads the whole log. One does it at a time: it is work.
func (s *server) verifyAudit(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	if !s.verifying.TryLock() {
		return nil, retryAfter(problem(http.StatusConflict, "a verification is under way; try again when it is done"), 5*time.Second)
	}
	defer s.verifying.Unlock()
	var against []audit.Checkpoint
	if in.Body.Checkpoint != nil {
		against = append(against, in.Body.Checkpoint.checkpoint())
	}
	r, err := s.Notary.Verify(ctx, against...)
	if err != nil {
		return nil, err
	}
	report := auditReport(r)
	after := map[string]any{"ok": report.OK, "records": report.Records, "problems": len(report.Problems) + report.MoreProblems}
	return &verifyOutput{report}, s.record(ctx, actionVerify, "audit log", after)
}

func auditReport(r audit.Report) AuditReport {
	out := AuditReport{
		OK: r.OK(), Records: r.Records, LastSeq: r.Seq, LastHash: r.Hash, Checkpoints: r.Checkpoints, SignedUpTo: r.Signed,
		MoreProblems: r.More, Problems: []AuditProblem{}, NotProved: notProved(r),
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, AuditProblem{Seq: p.Seq, Kind: p.Kind, Detail: p.Detail})
	}
	return out
}

// notProved says what a good report leaves open.
func notProved(r audit.Report) []string {
	all := []string{"whoever holds the installation key can rewrite the log and sign it anew; only a checkpoint that is kept elsewhere shows that"}
	if r.Signed < r.Seq {
		all = append(all, fmt.Sprintf("records %d to %d are under no checkpoint yet: their removal, newest first, would not show", r.Signed+1, r.Seq))
	}
	return all
}

type checkpointOutput struct{ Body AuditCheckpoint }

func (s *server) lastCheckpoint(ctx context.Context, _ *struct{}) (*checkpointOutput, error) {
	c, err := s.Notary.Last(ctx)
	if errors.Is(err, audit.ErrNoCheckpoint) {
		return nil, problem(http.StatusNotFound, "there is no checkpoint yet; a running server makes one within a minute, POST makes one now")
	}
	return &checkpointOutput{checkpoint(c)}, err
}

// makeCheckpoint signs the log including the record that this was asked for.
func (s *server) makeCheckpoint(ctx context.Context, _ *struct{}) (*checkpointOutput, error) {
	if err := s.record(ctx, actionCheckpoint, "audit log", nil); err != nil {
		return nil, err
	}
	c, err := s.Notary.Sign(ctx)
	if errors.Is(err, audit.ErrBroken) {
		return nil, problem(http.StatusConflict, "the audit log was tampered with and is not signed any more; POST /api/v1/audit/verify says where")
	}
	return &checkpointOutput{checkpoint(c)}, err
}

// record writes an audit record of something that changes no row.
func (s *server) record(ctx context.Context, action, target string, after map[string]any) error {
	who, _ := auth.PrincipalFrom(ctx)
	entry := who.Act(s.Clock.Now(), action, target, "")
	if after != nil {
		b, err := json.Marshal(after)
		if err != nil {
			return fmt.Errorf("recording %s: %w", action, err)
		}
		entry.After = b
	}
	if err := s.Audit.RecordAudit(ctx, entry); err != nil {
		return fmt.Errorf("recording %s: %w", action, err)
	}
	return nil
}

func checkpoint(c audit.Checkpoint) AuditCheckpoint {
	return AuditCheckpoint{Seq: c.Seq, Hash: c.Hash, Time: utc(c.Time), KeyID: c.KeyID, PublicKey: c.PublicKey, Signature: c.Signature}
}

func (c AuditCheckpoint) checkpoint() audit.Checkpoint {
	return audit.Checkpoint{Seq: c.Seq, Hash: c.Hash, Time: utc(c.Time), KeyID: c.KeyID, PublicKey: c.PublicKey, Signature: c.Signature}
}
