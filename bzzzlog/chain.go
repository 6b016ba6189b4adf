package bzzzlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Chain follows the hash chain of a log. The zero value stands before the
// first entry; as JSON it can be stored and gone on from.
type Chain struct {
	Next uint64 `json:"next"` // index the next entry must have
	Head string `json:"head"` // hash of the last entry, empty before the first
}

// Check takes the next entry of the log. It reports every way in which the
// chain is broken there (ErrHash, ErrLink, ErrIndex; all that apply), and goes
// on from the entry as it stands, so that one break is reported once.
func (c *Chain) Check(e Entry) error {
	var errs []error
	if e.Index != c.Next {
		errs = append(errs, fmt.Errorf("log entry %d: %w: %d was due", e.Index, ErrIndex, c.Next))
	}
	if e.PrevHash != c.Head {
		errs = append(errs, fmt.Errorf("log entry %d: %w", e.Index, ErrLink))
	}
	if err := e.Verify(); err != nil {
		errs = append(errs, err)
	}
	c.Next, c.Head = e.Index+1, e.Hash
	return errors.Join(errs...)
}

// Append gives an entry its index, prev_hash and hash and returns it as a line
// of the log, line end included. Index, hashes and signature of e are ignored;
// the signature is written empty.
func (c *Chain) Append(e Entry) ([]byte, error) {
	e.Index, e.PrevHash, e.Hash, e.Signature = c.Next, c.Head, "", ""
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("writing log entry %d: %w", e.Index, err)
	}
	sum := sha256.Sum256(text)
	e.Hash = hex.EncodeToString(sum[:])
	if text, err = json.Marshal(e); err != nil {
		return nil, fmt.Errorf("writing log entry %d: %w", e.Index, err)
	}
	c.Next, c.Head = e.Index+1, e.Hash
	return append(text, '\n'), nil
}
