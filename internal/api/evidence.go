package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/leak"
)

// The kinds of lists, in their cursors.
const (
	logList        = "l1"
	deckySessions  = "ds1"
	artifactList   = "a1"
	credentialList = "c1"
)

// PlaceQuery narrows a list of what clients did: where, and who.
type PlaceQuery struct {
	Decky    string `query:"decky" maxLength:"64" doc:"Only on this decky."`
	Service  string `query:"service" maxLength:"64" doc:"Only with this service."`
	Attacker string `query:"attacker_ip" maxLength:"64" doc:"Only of this address."`
}

// evidencePage reads one page of a list of the given kind, and where the next begins.
func evidencePage[R, T any](s *server, q PageQuery, kind string, read func(*Deception, leak.Page) ([]R, error), idOf func(R) string, out func(R) T) ([]T, *string, error) {
	if s.Deception == nil {
		return nil, nil, errNoDeception()
	}
	page, err := q.page(kind)
	if err != nil {
		return nil, nil, err
	}
	rows, err := read(s.Deception, page)
	if err != nil {
		return nil, nil, err
	}
	rows, next := nextPage(kind, q.Limit, rows, idOf)
	return convert(rows, out), next, nil
}

type listLogsInput struct {
	PageQuery
	PlaceQuery
	Type    string `query:"event_type" maxLength:"64" doc:"Only of this type, such as command or login_attempt."`
	Session string `query:"session" maxLength:"64" doc:"Only of this session."`
}

type logPageOutput struct{ Body DeckyLogPage }

func (s *server) listLogs(ctx context.Context, in *listLogsInput) (*logPageOutput, error) {
	f := capture.LogFilter{Decky: in.Decky, Service: in.Service, EventType: in.Type, AttackerIP: in.Attacker, Session: strings.ToLower(in.Session)}
	read := func(d *Deception, p leak.Page) ([]capture.Log, error) {
		return d.Evidence.Logs(ctx, f, p.After, p.Limit)
	}
	items, next, err := evidencePage(s, in.PageQuery, logList, read, func(l capture.Log) string { return l.ID }, logOut)
	if err != nil {
		return nil, err
	}
	return &logPageOutput{DeckyLogPage{Items: items, NextCursor: next}}, nil
}

type listDeckySessionsInput struct {
	PageQuery
	PlaceQuery
	Recorded bool `query:"recorded" doc:"Only those whose terminal was recorded."`
}

type deckySessionPageOutput struct{ Body DeckySessionPage }

func (s *server) listDeckySessions(ctx context.Context, in *listDeckySessionsInput) (*deckySessionPageOutput, error) {
	f := capture.SessionFilter{Decky: in.Decky, Service: in.Service, AttackerIP: in.Attacker, Recorded: in.Recorded}
	read := func(d *Deception, p leak.Page) ([]capture.Session, error) {
		return d.Evidence.Sessions(ctx, f, p.After, p.Limit)
	}
	items, next, err := evidencePage(s, in.PageQuery, deckySessions, read, func(v capture.Session) string { return v.ID }, deckySessionOut)
	if err != nil {
		return nil, err
	}
	return &deckySessionPageOutput{DeckySessionPage{Items: items, NextCursor: next}}, nil
}

// SessionPath names a session in a path.
type SessionPath struct {
	ID string `path:"id" format:"uuid" doc:"The session's id."`
}

type deckySessionOutput struct{ Body DeckySession }

func (s *server) getDeckySession(ctx context.Context, in *SessionPath) (*deckySessionOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	v, err := s.Deception.Evidence.Session(ctx, strings.ToLower(in.ID))
	if err != nil {
		return nil, ofEvidence(err, "session "+in.ID)
	}
	return &deckySessionOutput{deckySessionOut(v)}, nil
}

type transcriptInput struct {
	Decky  string `path:"decky" maxLength:"64" doc:"The decky's name."`
	ID     string `path:"sid" format:"uuid" doc:"The session's id."`
	Offset int64  `query:"offset" minimum:"0" doc:"Byte of the record to begin at: 0, or next of the answer before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"At most so many lines."`
}

type transcriptOutput struct{ Body Transcript }

func (s *server) transcript(ctx context.Context, in *transcriptInput) (*transcriptOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	id := strings.ToLower(in.ID)
	t, err := s.Deception.Reveal.Transcript(ctx, in.Decky, id, in.Offset, in.Limit, s.act(ctx, "evidence.transcript", id, ""))
	if err != nil {
		return nil, ofEvidence(err, "session "+in.ID+" on decky "+in.Decky)
	}
	return &transcriptOutput{Transcript{Lines: orEmpty(t.Lines), Next: t.Next, Total: t.Total}}, nil
}

func orEmpty(lines []string) []string {
	if lines == nil {
		return []string{}
	}
	return lines
}

type revealInput struct {
	ID   string `path:"id" format:"uuid" doc:"The row's id."`
	Body RevealRequest
}

type revealLogOutput struct{ Body LogEvidence }

func (s *server) revealLog(ctx context.Context, in *revealInput) (*revealLogOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	id := strings.ToLower(in.ID)
	e, err := s.Deception.Reveal.RevealLog(ctx, id, s.act(ctx, "evidence.log", id, in.Body.Reason))
	if err != nil {
		return nil, ofEvidence(err, "log "+in.ID)
	}
	return &revealLogOutput{LogEvidence{Fields: convert(e.Fields, evidenceField), Raw: base64.StdEncoding.EncodeToString(e.Raw)}}, nil
}

func evidenceField(f capture.EvidenceField) EvidenceField {
	return EvidenceField{Name: f.Name, Value: printable(f.Value), Base64: base64.StdEncoding.EncodeToString(f.Value)}
}

// printable is text for people: bytes that are none are shown as U+FFFD, and so
// are those that would move a cursor.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(string(b), string(utf8.RuneError)))
}

type listArtifactsInput struct {
	PageQuery
	PlaceQuery
	Session string `query:"session" maxLength:"64" doc:"Only of this session."`
	SHA256  string `query:"sha256" maxLength:"64" doc:"Only with this content."`
}

type artifactPageOutput struct{ Body ArtifactPage }

func (s *server) listArtifacts(ctx context.Context, in *listArtifactsInput) (*artifactPageOutput, error) {
	f := capture.ArtifactFilter{Decky: in.Decky, Service: in.Service, AttackerIP: in.Attacker, Session: strings.ToLower(in.Session), SHA256: strings.ToLower(in.SHA256)}
	read := func(d *Deception, p leak.Page) ([]capture.Artifact, error) {
		return d.Caught.Artifacts(ctx, f, p.After, p.Limit)
	}
	items, next, err := evidencePage(s, in.PageQuery, artifactList, read, func(a capture.Artifact) string { return a.ID }, artifactOut)
	if err != nil {
		return nil, err
	}
	return &artifactPageOutput{ArtifactPage{Items: items, NextCursor: next}}, nil
}

type artifactInput struct {
	Decky    string `path:"decky" maxLength:"64" doc:"The decky's name."`
	Service  string `path:"service" maxLength:"64" doc:"The kind of the service."`
	StoredAs string `path:"stored_as" maxLength:"128" doc:"stored_as of the artifact."`
	Reason   string `query:"reason" maxLength:"500" doc:"Why, for the audit log."`
}

// artifact sends a file that an attacker left. It is never shown by a browser:
// whoever wants it saves it.
func (s *server) artifact(ctx context.Context, in *artifactInput) (*huma.StreamResponse, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	name := in.Decky + "/" + in.Service + "/" + in.StoredAs
	a, err := s.Deception.Caught.FindArtifact(ctx, in.Decky, in.Service, in.StoredAs)
	if err != nil {
		return nil, ofEvidence(err, "artifact "+name)
	}
	a, data, err := s.Deception.Reveal.RevealArtifact(ctx, a.ID, s.act(ctx, "evidence.artifact", a.ID, in.Reason))
	if err != nil {
		return nil, ofEvidence(err, "artifact "+name)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/octet-stream")
		c.SetHeader("Content-Disposition", `attachment; filename="`+a.SHA256+`.bin"`)
		c.SetHeader("X-Content-Type-Options", "nosniff")
		_, _ = bytes.NewReader(data).WriteTo(c.BodyWriter())
	}}, nil
}

type listCredentialsInput struct {
	PageQuery
	PlaceQuery
	Kind        string `query:"kind" maxLength:"64" doc:"Only of this kind, such as plaintext."`
	Fingerprint string `query:"fingerprint" maxLength:"128" doc:"Only this secret."`
}

type credentialPageOutput struct{ Body CredentialPage }

func (s *server) listCredentials(ctx context.Context, in *listCredentialsInput) (*credentialPageOutput, error) {
	f := capture.CredentialFilter{Kind: in.Kind, Decky: in.Decky, Service: in.Service, AttackerIP: in.Attacker, Fingerprint: in.Fingerprint}
	read := func(d *Deception, p leak.Page) ([]capture.Credential, error) {
		return d.Caught.Credentials(ctx, f, p.After, p.Limit)
	}
	items, next, err := evidencePage(s, in.PageQuery, credentialList, read, func(c capture.Credential) string { return c.ID }, credentialOut)
	if err != nil {
		return nil, err
	}
	return &credentialPageOutput{CredentialPage{Items: items, NextCursor: next}}, nil
}

type credentialInput struct {
	ID string `path:"id" format:"uuid" doc:"The credential's id."`
}

type credentialOutput struct{ Body Credential }

func (s *server) getCredential(ctx context.Context, in *credentialInput) (*credentialOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	c, err := s.Deception.Caught.Credential(ctx, strings.ToLower(in.ID))
	if err != nil {
		return nil, ofEvidence(err, "credential "+in.ID)
	}
	return &credentialOutput{credentialOut(c)}, nil
}

type revealCredentialOutput struct{ Body CredentialSecret }

func (s *server) revealCredential(ctx context.Context, in *revealInput) (*revealCredentialOutput, error) {
	if s.Deception == nil {
		return nil, errNoDeception()
	}
	id := strings.ToLower(in.ID)
	c, err := s.Deception.Reveal.Reveal(ctx, id, s.act(ctx, "evidence.credential", id, in.Body.Reason))
	if err != nil {
		return nil, ofEvidence(err, "credential "+in.ID)
	}
	secret := []byte(c.Secret.Reveal())
	return &revealCredentialOutput{CredentialSecret{
		Principal: printable([]byte(c.Principal.Reveal())), Secret: printable(secret), SecretBase64: base64.StdEncoding.EncodeToString(secret), Details: convert(c.Details, evidenceField),
	}}, nil
}

// ofEvidence turns what is refused into what the caller may know.
func ofEvidence(err error, what string) error {
	switch {
	case errors.Is(err, capture.ErrNotFound):
		return problem(http.StatusNotFound, "%s: %s", what, capture.ErrNotFound)
	case errors.Is(err, capture.ErrNoSecret):
		return problem(http.StatusConflict, "%s: %s", what, capture.ErrNoSecret)
	case errors.Is(err, capture.ErrNoData):
		return problem(http.StatusConflict, "%s: %s", what, capture.ErrNoData)
	}
	return fmt.Errorf("evidence: %w", err)
}

func logOut(l capture.Log) DeckyLog {
	return DeckyLog{
		ID: l.ID, Timestamp: utc(l.Timestamp), Node: l.Node, Decky: l.Decky, Service: l.Service, Severity: l.Severity().String(),
		EventType: l.EventType, AttackerIP: l.AttackerIP,
		Session: l.Session, Number: l.Number, Summary: l.Summary, HasMore: l.HasMore,
	}
}

func deckySessionOut(v capture.Session) DeckySession {
	return DeckySession{
		ID: v.ID, Node: v.Node, Decky: v.Decky, Service: v.Service, AttackerIP: v.AttackerIP, AttackerPort: v.AttackerPort, Local: v.Local,
		StartedAt: utc(v.StartedAt), SeenAt: utc(v.SeenAt), EndedAt: utcOrNull(v.EndedAt), EndReason: v.EndReason, Observations: v.Observations,
		Attempts: v.Attempts, Commands: v.Commands, Artifacts: v.Artifacts, LoggedIn: v.LoggedIn, Interacted: v.Interacted, Principal: v.Principal,
		Banner: v.Banner, Transcript: v.Transcript, Dropped: v.Dropped,
	}
}

func artifactOut(a capture.Artifact) Artifact {
	return Artifact{
		ID: a.ID, Timestamp: utc(a.Timestamp), Node: a.Node, Decky: a.Decky, Service: a.Service, AttackerIP: a.AttackerIP, Session: a.Session,
		Kind: a.Kind, MediaType: a.MediaType, Path: a.Path, SHA256: a.SHA256, Size: a.Size, Kept: a.Kept, StoredAs: a.StoredAs(),
	}
}

func credentialOut(c capture.Credential) Credential {
	return Credential{
		ID: c.ID, Kind: c.Kind, Principal: c.Principal, Fingerprint: c.Fingerprint, Decky: c.Decky, Service: c.Service, AttackerIP: c.AttackerIP, Session: c.Session,
		Attempts: c.Attempts, Accepted: c.Accepted, Leaked: c.Leaked, FirstSeen: utc(c.FirstSeen), LastSeen: utc(c.LastSeen), HasSecret: c.HasSecret,
	}
}

// evidenceRoutes lists the operations on what clients did on deckies.
func (s *server) evidenceRoutes() {
	handle(s, route{call: "GET /logs", gate: viewer, id: "listDeckyLogs", tag: "deception", summary: "List what clients did on deckies",
		more: "Summaries are redacted. What a client sent is evidence; an administrator can reveal it.", errors: []int{409}}, s.listLogs)
	handle(s, route{call: "POST /logs/{id}/reveal", gate: admin, id: "revealDeckyLog", tag: "deception", summary: "Show what a client sent", more: "The audit log says who looked.", errors: []int{404, 409}}, s.revealLog)
	handle(s, route{call: "GET /sessions", gate: viewer, id: "listDeckySessions", tag: "deception", summary: "List the connections of clients to deckies", errors: []int{409}}, s.listDeckySessions)
	handle(s, route{call: "GET /sessions/{id}", gate: viewer, id: "getDeckySession", tag: "deception", summary: "Show a connection", errors: []int{404, 409}}, s.getDeckySession)
	handle(s, route{call: "GET /transcripts/{decky}/{sid}", gate: admin, id: "getTranscript", tag: "deception", summary: "Show a recorded terminal",
		more: "Lines of asciicast v2, by byte offset. The audit log says who looked.", errors: []int{404, 409}}, s.transcript)
	handle(s, route{call: "GET /artifacts", gate: viewer, id: "listArtifacts", tag: "deception", summary: "List the files that clients left", errors: []int{409}}, s.listArtifacts)
	handle(s, route{call: "GET /artifacts/{decky}/{service}/{stored_as}", gate: admin, id: "getArtifact", tag: "deception", summary: "Download a file that a client left",
		more: "It may be malware: it comes as application/octet-stream, to be saved. The audit log says who did.", errors: []int{404, 409}}, s.artifact)
	handle(s, route{call: "GET /credentials", gate: viewer, id: "listCredentials", tag: "deception", summary: "List the credentials that clients tried", errors: []int{409}}, s.listCredentials)
	handle(s, route{call: "GET /credentials/{id}", gate: viewer, id: "getCredential", tag: "deception", summary: "Show a credential that clients tried", more: "Without the secret.", errors: []int{404, 409}}, s.getCredential)
	handle(s, route{call: "POST /credentials/{id}/reveal", gate: admin, id: "revealCredential", tag: "deception", summary: "Show a credential in the clear", more: "The audit log says who looked.", errors: []int{404, 409}}, s.revealCredential)
}
