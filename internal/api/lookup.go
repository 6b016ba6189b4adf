package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"go.cordon.dev/cordon/internal/auth"
)

// LookupRequest asks whether a secret was seen.
type LookupRequest struct {
	Secret string `json:"secret" minLength:"1" maxLength:"32768" doc:"The secret itself, as it would stand in a message."`
}

// Lookup is where a secret was seen.
type Lookup struct {
	Fingerprints []string   `json:"fingerprints" nullable:"false" doc:"Of the secret: first under the key in force, then under those that it replaced."`
	Quarantine   LookupHits `json:"quarantine" doc:"Its quarantine entries."`
	Findings     LookupHits `json:"findings" doc:"Its findings, also those too weak for quarantine."`
}

// LookupHits are rows of one kind.
type LookupHits struct {
	Total int64    `json:"total" minimum:"0" doc:"How many there are."`
	IDs   []string `json:"ids" nullable:"false" doc:"Of the newest 100, newest first."`
}

// maxLookup is how many ids of a kind an answer has.
const maxLookup = 100

type lookUpInput struct{ Body LookupRequest }

type lookUpOutput struct {
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         Lookup
}

// lookUp answers only when it is recorded who asked.
func (s *server) lookUp(ctx context.Context, in *lookUpInput) (*lookUpOutput, error) {
	if s.Fingerprints == nil {
		return nil, problem(http.StatusServiceUnavailable, "this node has no installation key")
	}
	prints := s.Fingerprints([]byte(in.Body.Secret))
	seen, err := s.Findings.Sightings(ctx, prints, maxLookup)
	if err != nil {
		return nil, fmt.Errorf("looking up a fingerprint: %w", err)
	}
	out := Lookup{
		Fingerprints: prints,
		Quarantine:   LookupHits{seen.Quarantine, append([]string{}, seen.QuarantineIDs...)},
		Findings:     LookupHits{seen.Findings, append([]string{}, seen.FindingIDs...)},
	}
	who, _ := auth.PrincipalFrom(ctx)
	entry := who.Act(s.Clock.Now(), "fingerprint.lookup", prints[0], "")
	entry.After, err = json.Marshal(map[string]int64{"quarantine": seen.Quarantine, "findings": seen.Findings})
	if err != nil {
		return nil, fmt.Errorf("encoding audit entry: %w", err)
	}
	if err := s.Audit.RecordAudit(ctx, entry); err != nil {
		return nil, fmt.Errorf("recording who looked up a fingerprint: %w", err)
	}
	return &lookUpOutput{"no-store", out}, nil
}
