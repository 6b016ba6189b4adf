package api

import (
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/leak"
)

func (s *server) quarantine(q leak.Quarantine) Quarantine {
	return Quarantine{
		ID: q.ID, Timestamp: utc(q.Timestamp), Source: q.SourceID, Position: q.Index, CoreKey: q.CoreKey, Fork: q.Fork,
		MessageID: q.MessageID, MessageType: q.MessageType, From: q.From, Label: q.Label,
		Rule: q.Rule, SecretType: q.SecretType, Severity: q.Severity.String(), Confidence: q.Confidence,
		RedactedContent: q.RedactedContent, FullContentHash: q.FullContentHash, Fingerprint: q.Fingerprint,
		Occurrences: q.Occurrences, Disposition: string(q.Disposition), CorrelationID: q.CorrelationID,
		Reviewed: q.Reviewed, ReviewAction: orNull(q.ReviewAction), ReviewReason: q.ReviewReason,
		Reviewer: orNull(q.Reviewer), ReviewTimestamp: utcOrNull(q.ReviewTimestamp), Recommendation: s.recommend(q.Rule),
	}
}

func (s *server) recommend(rule string) string {
	if s.Recommendation == nil {
		return ""
	}
	return s.Recommendation(rule)
}

func finding(f leak.Finding) Finding {
	return Finding{
		ID: f.ID, OccurredAt: utc(f.OccurredAt), Source: f.SourceID, Position: f.Index, CoreKey: f.CoreKey, Fork: f.Fork,
		MessageID: f.MessageID, Rule: f.Rule, SecretType: f.SecretType, Severity: f.Severity.String(), Confidence: f.Confidence,
		Redacted: f.Redacted, Field: f.Field, Decoders: append([]string{}, f.Decoders...), Fingerprint: f.Fingerprint,
		QuarantineID: orNull(f.QuarantineID), CorrelationID: f.CorrelationID,
	}
}

// timeline tells what happened to an entry, oldest first.
func timeline(q leak.Quarantine, findings []leak.Finding) []TimelineEntry {
	var t []TimelineEntry
	for i := len(findings) - 1; i >= 0; i-- {
		f := findings[i]
		t = append(t, TimelineEntry{Time: utc(f.OccurredAt), What: "detected", Detail: fmt.Sprintf("rule %s, confidence %.2f%s", f.Rule, f.Confidence, in(f.Field))})
	}
	t = append(t, TimelineEntry{Time: utc(q.Timestamp), What: "quarantined", Detail: fmt.Sprintf("%s, from source %s", q.Disposition, q.SourceID)})
	if q.ReviewTimestamp == nil {
		return t
	}
	detail := q.ReviewAction
	if q.ReviewReason != "" {
		detail += ": " + q.ReviewReason
	}
	return append(t, TimelineEntry{Time: utc(*q.ReviewTimestamp), What: "reviewed", Who: q.Reviewer, Detail: detail})
}

func in(field string) string {
	if field == "" {
		return ""
	}
	return ", in " + field
}

func user(u auth.User) User {
	return User{Name: u.Name, Role: string(u.Role), CreatedAt: utc(u.CreatedAt), LastLoginAt: utcOrNull(u.LastLoginAt), DisabledAt: utcOrNull(u.DisabledAt)}
}

func apiKey(k auth.APIKey) APIKey {
	return APIKey{
		Name: k.Name, Role: string(k.Role), Scopes: append([]string{}, k.Scopes.List()...), Prefix: k.Prefix, CreatedAt: utc(k.CreatedAt), CreatedBy: k.CreatedBy,
		ExpiresAt: utcOrNull(k.ExpiresAt), LastUsedAt: utcOrNull(k.LastUsedAt), RevokedAt: utcOrNull(k.RevokedAt),
	}
}

func me(p auth.Principal) Me { return Me{Name: p.Name, Role: string(p.Role), Kind: string(p.Kind)} }

// utc is a time as the API writes it.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func utcOrNull(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := utc(*t)
	return &u
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
