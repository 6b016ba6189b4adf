package dir

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"go.cordon.dev/cordon/internal/leak/source"
)

// fileID tells one state of one file from all others: a keyed hash over path,
// inode, size and time of last change. Of the content it holds nothing, and of
// the path, which may be a secret, nothing that could be guessed and compared.
type fileID [12]byte

func newFileID(m source.Marker, path string, info fs.FileInfo) fileID {
	return idOf(m.Mark(stateOf(path, info)))
}

func stateOf(path string, info fs.FileInfo) []byte {
	return fmt.Appendf(nil, "%d %d %d %s", inode(info), info.Size(), info.ModTime().UnixNano(), path)
}

// idOf shortens a mark.
func idOf(mark string) fileID {
	sum := sha256.Sum256([]byte(mark))
	return fileID(sum[:len(fileID{})])
}

func (id fileID) String() string { return hex.EncodeToString(id[:]) }

// maxStored bounds the files that a stored position remembers. Those beyond,
// the longest known, are read again after a restart, and known by their
// message ids.
const maxStored = 8192

// position is what has been read: whole files, and a part of one.
type position struct {
	done    map[fileID]bool
	order   []fileID // of done, oldest first
	current fileID   // read up to offset
	offset  int64
}

type stored struct {
	Done    []byte `json:"done,omitempty"` // fileIDs, oldest first
	Current []byte `json:"current,omitempty"`
	Offset  int64  `json:"offset,omitempty"`
}

func parsePosition(raw json.RawMessage) (*position, error) {
	p := &position{done: map[fileID]bool{}}
	if len(raw) == 0 {
		return p, nil
	}
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("reading stored position: %w", err)
	}
	if len(s.Done)%len(fileID{}) != 0 || len(s.Current) != 0 && len(s.Current) != len(fileID{}) || s.Offset < 0 {
		return nil, fmt.Errorf("reading stored position: lengths %d and %d, offset %d cannot be", len(s.Done), len(s.Current), s.Offset)
	}
	for id := range slices.Chunk(s.Done, len(fileID{})) {
		p.finish(fileID(id))
	}
	if s.Offset > 0 && len(s.Current) > 0 {
		p.current, p.offset = fileID(s.Current), s.Offset
	}
	return p, nil
}

func (p *position) encode() json.RawMessage {
	var s stored
	for _, id := range p.order[max(0, len(p.order)-maxStored):] {
		s.Done = append(s.Done, id[:]...)
	}
	if p.offset > 0 {
		s.Current, s.Offset = p.current[:], p.offset
	}
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // bytes and a number: cannot happen
	}
	return raw
}

// rename gives a file its id under the key in force, when it was read under one
// that this replaced.
func (p *position) rename(id fileID, marks []string) {
	for _, mark := range marks {
		old := idOf(mark)
		if old == id {
			continue
		}
		if p.done[old] {
			delete(p.done, old)
			p.order = slices.DeleteFunc(p.order, func(o fileID) bool { return o == old })
			p.finish(id)
		}
		if p.current == old && p.offset > 0 {
			p.current = id
		}
	}
}

// start is where a file is to be read from.
func (p *position) start(id fileID) int64 {
	if id == p.current {
		return p.offset
	}
	return 0
}

func (p *position) reach(id fileID, offset int64) { p.current, p.offset = id, offset }

func (p *position) finish(id fileID) {
	if !p.done[id] {
		p.done[id] = true
		p.order = append(p.order, id)
	}
	if id == p.current {
		p.current, p.offset = fileID{}, 0
	}
}

// keep forgets the files that are no longer there.
func (p *position) keep(there map[fileID]bool) {
	p.order = slices.DeleteFunc(p.order, func(id fileID) bool {
		gone := !there[id]
		if gone {
			delete(p.done, id)
		}
		return gone
	})
}
