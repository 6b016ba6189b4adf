package sqlstore

import (
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception/capture"
)

// captureBatchRow is a batch that was stored.
type captureBatchRow struct {
	bun.BaseModel `bun:"table:capture_batches"`

	ID       string    `bun:"id,pk"`
	Node     string    `bun:"node"`
	StoredAt time.Time `bun:"stored_at"`
}

type deckyLogRow struct {
	bun.BaseModel `bun:"table:decky_logs"`

	ID         string    `bun:"id,pk"`
	SeenAt     time.Time `bun:"seen_at"`
	Node       string    `bun:"node"`
	Decky      string    `bun:"decky"`
	Service    string    `bun:"service"`
	EventType  string    `bun:"event_type"`
	AttackerIP string    `bun:"attacker_ip"`
	SessionID  string    `bun:"session_id"`
	Place      int64     `bun:"place"`
	Summary    string    `bun:"summary"`
	Evidence   []byte    `bun:"evidence"`
}

func newDeckyLogRow(e capture.Entry) deckyLogRow {
	return deckyLogRow{
		ID: text(e.ID), SeenAt: stamp(e.Timestamp), Node: keyText(e.Node), Decky: keyText(e.Decky), Service: keyText(e.Service),
		EventType: keyText(e.EventType), AttackerIP: keyText(e.AttackerIP), SessionID: text(e.Session), Place: int64(e.Number),
		Summary: text(e.Summary), Evidence: e.Sealed,
	}
}

func (r deckyLogRow) value() capture.Log {
	return capture.Log{
		ID: r.ID, Timestamp: r.SeenAt.UTC(), Node: r.Node, Decky: r.Decky, Service: r.Service, EventType: r.EventType,
		AttackerIP: r.AttackerIP, Session: r.SessionID, Number: uint64(r.Place), Summary: r.Summary, HasMore: len(r.Evidence) > 0,
	}
}

type deckySessionRow struct {
	bun.BaseModel `bun:"table:decky_sessions"`

	ID              string     `bun:"id,pk"`
	Node            string     `bun:"node"`
	Decky           string     `bun:"decky"`
	Service         string     `bun:"service"`
	AttackerIP      string     `bun:"attacker_ip"`
	AttackerPort    int        `bun:"attacker_port"`
	LocalAddress    string     `bun:"local_address"`
	StartedAt       time.Time  `bun:"started_at"`
	SeenAt          time.Time  `bun:"seen_at"`
	EndedAt         *time.Time `bun:"ended_at"`
	EndReason       string     `bun:"end_reason"`
	Observations    int64      `bun:"observations"`
	Attempts        int        `bun:"attempts"`
	Commands        int        `bun:"commands"`
	Artifacts       int        `bun:"artifacts"`
	LoggedIn        bool       `bun:"logged_in"`
	Interacted      bool       `bun:"interacted"`
	Principal       string     `bun:"principal"`
	Banner          string     `bun:"banner"`
	TranscriptBytes int64      `bun:"transcript_bytes"`
	Recording       string     `bun:"recording"` // recorded when there is a transcript
	Dropped         int64      `bun:"dropped"`
}

// recorded is what the column recording says of a session with a transcript.
const recorded = "recorded"

func recording(yes bool) string {
	if yes {
		return recorded
	}
	return ""
}

func newDeckySessionRow(s capture.Session) deckySessionRow {
	return deckySessionRow{
		ID: text(s.ID), Node: keyText(s.Node), Decky: keyText(s.Decky), Service: keyText(s.Service), AttackerIP: keyText(s.AttackerIP),
		AttackerPort: int(s.AttackerPort), LocalAddress: keyText(s.Local), StartedAt: stamp(s.StartedAt), SeenAt: stamp(s.SeenAt),
		EndedAt: stampOrNil(s.EndedAt), EndReason: text(s.EndReason), Observations: int64(s.Observations), Attempts: s.Attempts,
		Commands: s.Commands, Artifacts: s.Artifacts, LoggedIn: s.LoggedIn, Interacted: s.Interacted, Principal: text(s.Principal),
		Banner: text(s.Banner), TranscriptBytes: s.Transcript, Recording: recording(s.Transcript > 0), Dropped: int64(s.Dropped),
	}
}

func (r deckySessionRow) value() capture.Session {
	return capture.Session{
		ID: r.ID, Node: r.Node, Decky: r.Decky, Service: r.Service, AttackerIP: r.AttackerIP, AttackerPort: uint16(r.AttackerPort),
		Local: r.LocalAddress, StartedAt: r.StartedAt.UTC(), SeenAt: r.SeenAt.UTC(), EndedAt: utc(r.EndedAt), EndReason: r.EndReason,
		Observations: uint64(r.Observations), Attempts: r.Attempts, Commands: r.Commands, Artifacts: r.Artifacts, LoggedIn: r.LoggedIn,
		Interacted: r.Interacted, Principal: r.Principal, Banner: r.Banner, Transcript: r.TranscriptBytes, Dropped: uint64(r.Dropped),
	}
}

type deckyChunkRow struct {
	bun.BaseModel `bun:"table:decky_transcripts"`

	ID        string `bun:"id,pk"`
	Day       string `bun:"day"`
	SessionID string `bun:"session_id"`
	Decky     string `bun:"decky"`
	BeginsAt  int64  `bun:"begins_at"`
	Bytes     int64  `bun:"bytes"`
	Sealed    []byte `bun:"sealed"`
}

func newDeckyChunkRow(c capture.Chunk) deckyChunkRow {
	return deckyChunkRow{
		ID: text(c.ID), Day: text(c.Day), SessionID: text(c.Session), Decky: keyText(c.Decky), BeginsAt: c.Begins, Bytes: c.Bytes, Sealed: c.Sealed,
	}
}

type deckyArtifactRow struct {
	bun.BaseModel `bun:"table:decky_artifacts"`

	ID         string    `bun:"id,pk"`
	SeenAt     time.Time `bun:"seen_at"`
	Node       string    `bun:"node"`
	Decky      string    `bun:"decky"`
	Service    string    `bun:"service"`
	AttackerIP string    `bun:"attacker_ip"`
	SessionID  string    `bun:"session_id"`
	LogID      string    `bun:"log_id"`
	Kind       string    `bun:"kind"`
	MediaType  string    `bun:"media_type"`
	Path       string    `bun:"path"`
	SHA256     string    `bun:"sha256"`
	Day        string    `bun:"day"`
	Bytes      int64     `bun:"bytes"`
	Kept       int64     `bun:"kept"`
}

func newDeckyArtifactRow(a capture.Artifact) deckyArtifactRow {
	return deckyArtifactRow{
		ID: text(a.ID), SeenAt: stamp(a.Timestamp), Node: keyText(a.Node), Decky: keyText(a.Decky), Service: keyText(a.Service),
		AttackerIP: keyText(a.AttackerIP), SessionID: text(a.Session), LogID: text(a.LogID), Kind: keyText(a.Kind), MediaType: keyText(a.MediaType),
		Path: text(a.Path), SHA256: keyText(a.SHA256), Day: text(a.Day), Bytes: int64(a.Size), Kept: int64(a.Kept),
	}
}

func (r deckyArtifactRow) value() capture.Artifact {
	return capture.Artifact{
		ID: r.ID, Timestamp: r.SeenAt.UTC(), Node: r.Node, Decky: r.Decky, Service: r.Service, AttackerIP: r.AttackerIP, Session: r.SessionID,
		LogID: r.LogID, Kind: r.Kind, MediaType: r.MediaType, Path: r.Path, SHA256: r.SHA256, Day: r.Day, Size: uint64(r.Bytes), Kept: uint64(r.Kept),
	}
}

type credentialRow struct {
	bun.BaseModel `bun:"table:credentials"`

	ID          string    `bun:"id,pk"`
	Identity    string    `bun:"identity"`
	Kind        string    `bun:"kind"`
	Principal   string    `bun:"principal"`
	Fingerprint string    `bun:"fingerprint"`
	Decky       string    `bun:"decky"`
	Service     string    `bun:"service"`
	AttackerIP  string    `bun:"attacker_ip"`
	SessionID   string    `bun:"session_id"`
	Attempts    int       `bun:"attempts"`
	Accepted    bool      `bun:"accepted"`
	Leaked      bool      `bun:"leaked"`
	FirstSeen   time.Time `bun:"first_seen"`
	LastSeen    time.Time `bun:"last_seen"`
	Sealed      []byte    `bun:"sealed"`
}

func (r credentialRow) value() capture.Credential {
	return capture.Credential{
		ID: r.ID, Kind: r.Kind, Principal: r.Principal, Fingerprint: r.Fingerprint, Decky: r.Decky, Service: r.Service, AttackerIP: r.AttackerIP,
		Session: r.SessionID, Attempts: r.Attempts, Accepted: r.Accepted, Leaked: r.Leaked, FirstSeen: r.FirstSeen.UTC(),
		LastSeen: r.LastSeen.UTC(), HasSecret: len(r.Sealed) > 0,
	}
}
