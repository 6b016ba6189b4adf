package hypercore

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Key is a core's public key, or another 32-byte hash. It prints as hex.
type Key = merkle.Hash

// Kind says what an Event reports.
type Kind uint8

// The kinds of event. Block, Gap and Corrupt come from Scan and Follower, the others from
// a Follower only.
const (
	// Block: the block Index with Data, proven against the signed root.
	Block Kind = iota + 1
	// Gap: the blocks Index to To are not stored here: cleared, or never downloaded.
	Gap
	// Corrupt: the blocks Index to To can't be read, or (To = 0) the core as a whole; see Err.
	Corrupt
	// Fork: the writer truncated the log and went on in a new fork. The first Ancestors
	// blocks are proven to be the same as before; what follows is read again.
	Fork
	// Rollback: the log is shorter than it was, or differs in the same fork, as after an
	// older copy was restored. The first Ancestors blocks are the same as before.
	Rollback
	// Torn: the oplog ends in a half-written entry and its writer has stopped.
	Torn
	// Rotated: the path now leads to another core, which is read from its beginning.
	Rotated
)

var kindNames = [...]string{Block: "block", Gap: "gap", Corrupt: "corrupt", Fork: "fork", Rollback: "rollback", Torn: "torn", Rotated: "rotated"}

// String is the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) && k > 0 {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Event is one thing read from a core. Blocks are counted from 0; ranges are [Index, To).
type Event struct {
	Kind  Kind
	Key   Key    // of the core
	Fork  uint64 // the core's fork when this was read
	Index uint64 // Block, Gap, Corrupt: the first block
	To    uint64 // Block, Gap, Corrupt: one past the last block
	Data  []byte // Block: its bytes, decrypted when a key was given; the receiver may keep them
	Late  bool   // Block: it lies in a Gap that was reported earlier

	Ancestors uint64 // Fork, Rollback: blocks at the beginning that stayed the same
	Length    uint64 // Fork, Rollback, Rotated: length of the core now
	Previous  Mark   // Fork, Rollback, Rotated: where reading had got to
	Drained   bool   // Rotated: the previous core was read to its end first

	Err error // Corrupt, Torn: why
}

// Mark is a position in a core: the number of blocks handled.
type Mark struct {
	Key    Key
	Fork   uint64
	Length uint64
}

// Errors that callers tell apart with errors.Is, besides fs.ErrNotExist and
// fs.ErrPermission.
var (
	ErrEmpty     = disk.ErrEmpty       // there is a directory, but no core in it yet
	ErrNotCore   = disk.ErrNotCore     // the path is nothing this package reads
	ErrCorestore = disk.ErrCorestore   // the path holds several cores; see List
	ErrVersion11 = disk.ErrVersion11   // written by hypercore 11 in a form that is not known
	ErrCorrupt   = disk.ErrCorrupt     // the files contradict themselves
	ErrTooLarge  = disk.ErrTooLarge    // over a limit of Options
	ErrWrongKey  = disk.ErrWrongKey    // the encryption key does not open the block
	ErrSignature = merkle.ErrSignature // the tree is not what was signed
	ErrNotProven = merkle.ErrNotProven // the block does not lead to the signed root
	// ErrNotStored: the block is part of the log and not stored here.
	ErrNotStored = errors.New("hypercore: block is not stored here")
	// ErrRange: the block is past the end of the log.
	ErrRange = errors.New("hypercore: block is past the end of the log")
	// ErrRewritten: the writer truncated the log while it was being read; start again.
	ErrRewritten = errors.New("hypercore: log was rewritten while it was read")
)
