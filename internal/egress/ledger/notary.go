package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/audit"
)

// mark is a checkpoint as it is written: Ed25519 (RFC 8032) over the number,
// hash and time of a line, as internal/audit signs.
type mark struct {
	Seq       uint64    `json:"seq"`
	Hash      string    `json:"hash"`
	Time      time.Time `json:"time"`
	KeyID     string    `json:"key_id"`
	PublicKey string    `json:"public_key"`
	Signature string    `json:"signature"`
}

func (m mark) head() Head { return Head{m.Seq, m.Hash} }

func (m mark) checkpoint() audit.Checkpoint {
	return audit.Checkpoint{Seq: int64(m.Seq), Hash: m.Hash, Time: m.Time, KeyID: m.KeyID, PublicKey: m.PublicKey, Signature: m.Signature}
}

func sign(s *audit.Signer, h Head, now time.Time) mark {
	c := s.Sign(int64(h.Seq), h.Hash, now)
	return mark{h.Seq, h.Hash, c.Time, c.KeyID, c.PublicKey, c.Signature}
}

// notary keeps the signatures.
type notary struct {
	o     Options
	mu    sync.Mutex
	marks []mark // in order; few, since retention cuts them
	floor Head   // the last line that retention deleted
}

func openNotary(o Options) (*notary, error) {
	n := &notary{o: o}
	var err error
	if n.floor, err = readFloor(o.Dir, o.Floor); err != nil {
		return nil, err
	}
	marks, problems, err := readMarks(o.Dir, o.Signer)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrTampered, problems[0].Detail)
	}
	n.marks = marks
	return n, nil
}

// readFloor is the last line that retention deleted; the start of the chain
// when it has deleted none.
func readFloor(dir string, s *audit.Signer) (Head, error) {
	text, err := os.ReadFile(filepath.Join(dir, floorFile))
	if errors.Is(err, os.ErrNotExist) {
		return start(), nil
	}
	if err != nil {
		return Head{}, err
	}
	var m mark
	if err := json.Unmarshal(text, &m); err != nil {
		return Head{}, fmt.Errorf("%w: %s cannot be read", ErrTampered, floorFile)
	}
	if err := s.Check(m.checkpoint()); err != nil {
		return Head{}, fmt.Errorf("%w: %s: %w", ErrTampered, floorFile, err)
	}
	return m.head(), nil
}

// maxMarks bounds how much of the checkpoints is read, in bytes: a year of one
// a minute.
const maxMarks = 256 << 20

// readMarks reads the checkpoints. A last one that a crash cut is left out.
func readMarks(dir string, s *audit.Signer) (good []mark, problems []audit.Problem, err error) {
	path := filepath.Join(dir, checkpoints)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if info.Size() > maxMarks {
		return nil, nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrTampered, checkpoints, maxMarks)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	for line := range bytes.Lines(whole) {
		m, problem := readMark(line, s)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		good = append(good, m)
	}
	return good, problems, nil
}

func readMark(line []byte, s *audit.Signer) (mark, *audit.Problem) {
	var m mark
	if json.Unmarshal(line, &m) != nil {
		return m, &audit.Problem{Kind: audit.BadMark, Detail: "a line of " + checkpoints + " cannot be read"}
	}
	if err := s.Check(m.checkpoint()); err != nil {
		return m, &audit.Problem{Seq: int64(m.Seq), Kind: audit.BadMark, Detail: fmt.Sprintf("checkpoint %d cannot be relied on: %v", m.Seq, err)}
	}
	return m, nil
}

// compare refuses a line that is not the one that was signed.
func (n *notary) compare(l Line) error {
	if h := n.o.Known; h.Seq == l.Seq && h.Hash != l.Hash {
		return fmt.Errorf("%w: line %d is not the one that the store knows", ErrTampered, l.Seq)
	}
	for i := len(n.marks) - 1; i >= 0 && n.marks[i].Seq >= l.Seq; i-- {
		if n.marks[i].Seq == l.Seq && n.marks[i].Hash != l.Hash {
			return fmt.Errorf("%w: line %d is not the one that a checkpoint signs", ErrTampered, l.Seq)
		}
	}
	return nil
}

// reaches refuses a log that ends before what was signed or stored.
func (n *notary) reaches(head, known Head) error {
	if last := n.last(); last > head.Seq {
		return fmt.Errorf("%w: it ends with line %d, but line %d was signed", ErrTampered, head.Seq, last)
	}
	if known.Seq > head.Seq {
		return fmt.Errorf("%w: it ends with line %d, but the store has line %d; restore the folder from a backup, or give a new folder as egress.log_dir to begin a new log", ErrTampered, head.Seq, known.Seq)
	}
	return nil
}

// last is the number of the last signed line; 0: none.
func (n *notary) last() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.marks) == 0 {
		return 0
	}
	return n.marks[len(n.marks)-1].Seq
}

// since is when the last checkpoint was made.
func (n *notary) since() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.marks) == 0 {
		return time.Time{}
	}
	return n.marks[len(n.marks)-1].Time
}

// sign adds a checkpoint of the head.
func (n *notary) sign(h Head) (mark, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := sign(n.o.Signer, h, n.o.Clock.Now())
	text, err := json.Marshal(m)
	if err != nil {
		return mark{}, fmt.Errorf("encoding a checkpoint: %w", err)
	}
	if err := appendLine(filepath.Join(n.o.Dir, checkpoints), text); err != nil {
		return mark{}, fmt.Errorf("writing a checkpoint: %w", err)
	}
	n.marks = append(n.marks, m)
	return m, nil
}

// appendLine adds a line to a file and syncs. What an earlier crash left
// without its line break is removed first.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	end, err := lastBreak(f)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.WriteAt(append(line, '\n'), end)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// lastBreak is where the last whole line ends. Only the last few bytes are
// looked at: a checkpoint is short.
func lastBreak(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	from := max(0, info.Size()-4096)
	text := make([]byte, info.Size()-from)
	if _, err := f.ReadAt(text, from); err != nil {
		return 0, err
	}
	return from + int64(bytes.LastIndexByte(text, '\n')+1), nil
}

// raise signs that retention deletes everything up to h, and forgets the
// checkpoints of that.
func (n *notary) raise(h Head) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, err := json.Marshal(sign(n.o.Floor, h, n.o.Clock.Now()))
	if err != nil {
		return fmt.Errorf("encoding the floor: %w", err)
	}
	if err := replace(filepath.Join(n.o.Dir, floorFile), append(text, '\n')); err != nil {
		return fmt.Errorf("writing the floor: %w", err)
	}
	n.floor = h
	var kept []mark
	var rest bytes.Buffer
	for _, m := range n.marks {
		if m.Seq <= h.Seq {
			continue
		}
		line, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encoding a checkpoint: %w", err)
		}
		kept = append(kept, m)
		rest.Write(append(line, '\n'))
	}
	if err := replace(filepath.Join(n.o.Dir, checkpoints), rest.Bytes()); err != nil {
		return fmt.Errorf("writing checkpoints: %w", err)
	}
	n.marks = kept
	return nil
}
