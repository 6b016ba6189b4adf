package api

import "time"

// AuditPage is one page of the audit log.
type AuditPage struct {
	Items      []AuditRecord `json:"items" nullable:"false" doc:"Newest first."`
	NextCursor *string       `json:"next_cursor" doc:"Give it as cursor for the next page; null: this is the last."`
}

// AuditRecord is one thing that somebody did.
type AuditRecord struct {
	Seq    int64      `json:"seq" doc:"Its place in the chain, from 1."`
	ID     string     `json:"id"`
	Time   time.Time  `json:"time"`
	Actor  AuditActor `json:"actor"`
	Action string     `json:"action" example:"quarantine.review" doc:"object.verb"`
	Target string     `json:"target" doc:"The object's id or name."`
	Reason string     `json:"reason" doc:"As the actor gave it; may be empty."`
	Before any        `json:"before" doc:"What the object was; null: nothing is kept, or there was nothing."`
	After  any        `json:"after" doc:"What the object is; null: nothing is kept, or there is nothing any more."`
	Hash   string     `json:"hash" doc:"SHA-256 over this record and the hash of the one before it, hex."`
}

// AuditActor is who did it.
type AuditActor struct {
	Kind string `json:"kind" example:"user" doc:"user, api_key, local (the machine's own account) or system."`
	Name string `json:"name" example:"ada"`
	Role string `json:"role"`
	Addr string `json:"addr" doc:"IP address; empty for the machine itself."`
}

// AuditCheckpoint is a signed statement of what the log was. Keep one elsewhere:
// it binds the log up to its record.
type AuditCheckpoint struct {
	Seq       int64     `json:"seq" minimum:"1" doc:"Number of the last record."`
	Hash      string    `json:"hash" maxLength:"64" doc:"Hash of that record."`
	Time      time.Time `json:"time" doc:"When it was signed."`
	KeyID     string    `json:"key_id" maxLength:"64" doc:"Names the signing key."`
	PublicKey string    `json:"public_key" maxLength:"64" doc:"Ed25519 (RFC 8032), hex."`
	Signature string    `json:"signature" maxLength:"128" doc:"Ed25519, hex."`
}

// AuditVerifyRequest says what to verify against.
type AuditVerifyRequest struct {
	Checkpoint *AuditCheckpoint `json:"checkpoint,omitempty" doc:"One that was exported before. If absent, only those in the database count."`
}

// AuditReport is what a verification found.
type AuditReport struct {
	OK           bool           `json:"ok" doc:"Nothing is wrong."`
	Records      int64          `json:"records" doc:"Records that were read."`
	LastSeq      int64          `json:"last_seq" doc:"Number of the last one."`
	LastHash     string         `json:"last_hash" doc:"Its hash."`
	Checkpoints  int            `json:"checkpoints" doc:"Checkpoints that were checked."`
	SignedUpTo   int64          `json:"signed_up_to" doc:"Number of the last record under a good checkpoint; 0: none."`
	Problems     []AuditProblem `json:"problems" nullable:"false" doc:"The first hundred."`
	MoreProblems int            `json:"more_problems" doc:"Problems beyond those."`
	NotProved    []string       `json:"not_proved" nullable:"false" doc:"What a good result does not prove."`
}

// AuditProblem is one thing that is wrong.
type AuditProblem struct {
	Seq    int64  `json:"seq" doc:"Number of the record or checkpoint."`
	Kind   string `json:"kind" enum:"missing,changed,truncated,rewritten,signature"`
	Detail string `json:"detail"`
}
