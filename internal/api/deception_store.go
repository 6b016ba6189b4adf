package api

import (
	"context"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/capture"
)

// DeckyStore reads and changes the fleet of all nodes.
type DeckyStore interface {
	// ListDeckies returns at most limit, oldest first, those behind the id after.
	ListDeckies(ctx context.Context, f deception.Filter, after string, limit int) ([]deception.Row, error)
	// The errors of the others are deception.ErrNotFound, ErrExists and
	// ErrConfigured.
	Decky(ctx context.Context, node, name string) (deception.Row, error)
	AddDecky(ctx context.Context, node string, s deception.Spec, by audit.Entry) error
	RemoveDecky(ctx context.Context, node, name string, by audit.Entry) error
	MutateDecky(ctx context.Context, node, name string, by audit.Entry) error // also deception.ErrMutating
}

// EvidenceReader lists what clients did on deckies: nothing of it is evidence,
// all was redacted. Lists are newest first, those before the id before.
type EvidenceReader interface {
	Logs(ctx context.Context, f capture.LogFilter, before string, limit int) ([]capture.Log, error)
	Sessions(ctx context.Context, f capture.SessionFilter, before string, limit int) ([]capture.Session, error)
	Session(ctx context.Context, id string) (capture.Session, error) // capture.ErrNotFound
}

// CatchReader lists what clients left and tried, likewise.
type CatchReader interface {
	Artifacts(ctx context.Context, f capture.ArtifactFilter, before string, limit int) ([]capture.Artifact, error)
	FindArtifact(ctx context.Context, decky, kind, storedAs string) (capture.Artifact, error) // capture.ErrNotFound
	Credentials(ctx context.Context, f capture.CredentialFilter, before string, limit int) ([]capture.Credential, error)
	Credential(ctx context.Context, id string) (capture.Credential, error) // capture.ErrNotFound
}

// EvidenceStore shows evidence in the clear. Each look is stored in the audit log
// before anything is shown. The errors are capture.ErrNotFound, ErrNoSecret and
// ErrNoData.
type EvidenceStore interface {
	RevealLog(ctx context.Context, id string, by audit.Entry) (capture.Evidence, error)
	Reveal(ctx context.Context, credentialID string, by audit.Entry) (capture.Revealed, error)
	RevealArtifact(ctx context.Context, id string, by audit.Entry) (capture.Artifact, []byte, error)
	Transcript(ctx context.Context, decky, sessionID string, offset int64, limit int, by audit.Entry) (capture.Transcript, error)
}

// AttackerReader lists attackers and the secrets that they share. before and
// next are places in a list, of digits, _ and an id.
type AttackerReader interface {
	Attackers(ctx context.Context, f attacker.Filter, before string, limit int) (page []attacker.Attacker, next string, err error)
	Attacker(ctx context.Context, id string) (attacker.Attacker, error) // attacker.ErrNotFound
	Reuse(ctx context.Context, f attacker.ReuseFilter, before string, limit int) (page []attacker.Reuse, next string, err error)
	ReusedSecret(ctx context.Context, id string, limit int) (attacker.Reuse, attacker.ReusePlaces, error) // attacker.ErrNotFound
}

// TrailReader reads what one attacker did.
type TrailReader interface {
	Services(ctx context.Context, attackerID string) ([]attacker.Place, error)
	Traversal(ctx context.Context, attackerID string, limit int) (attacker.Way, error)
	Leaks(ctx context.Context, attackerID string) (attacker.Leaks, error)
}
