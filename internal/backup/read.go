package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/store"
)

// Summary is what a backup holds.
type Summary struct {
	Header
	Rows map[string]int64 // by table
	Size int64            // of all members, in bytes
}

// Total is the number of all rows.
func (s Summary) Total() (n int64) {
	for _, rows := range s.Rows {
		n += rows
	}
	return n
}

// visitor is given what a backup holds, in its order.
type visitor struct {
	header func(Header) error
	keys   func(sealed []byte) error
	rows   func(t store.Table, rows [][]any) error
}

// Verify reads a whole backup and reports why it is none. It needs no database.
func Verify(in io.Reader) (Summary, error) {
	none := visitor{
		header: func(Header) error { return nil },
		keys:   func(b []byte) error { _, err := parseSealed(b); return err },
		rows:   func(store.Table, [][]any) error { return nil },
	}
	return read(in, none)
}

// reader reads the members of a backup and compares them with the manifest at
// its end.
type reader struct {
	tar     *tar.Reader
	tables  map[string]store.Table
	seen    []member
	summary Summary
	visit   visitor
}

func read(in io.Reader, v visitor) (Summary, error) {
	zip, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return Summary{}, damaged("it is no gzip file: %v", err)
	}
	sum, err := readTar(zip, v)
	if err != nil {
		return Summary{}, err
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(zip, maxSmall)); err != nil {
		return Summary{}, damaged("%v", err)
	}
	return sum, nil
}

func readTar(in io.Reader, v visitor) (Summary, error) {
	r := &reader{tar: tar.NewReader(in), tables: map[string]store.Table{}, visit: v}
	r.summary.Rows = map[string]int64{}
	for _, t := range kept() {
		r.tables[t.Name], r.summary.Rows[t.Name] = t, 0
	}
	if err := r.header(); err != nil {
		return Summary{}, err
	}
	for {
		done, err := r.next()
		if err != nil {
			return Summary{}, err
		}
		if done {
			return r.summary, r.end()
		}
	}
}

func (r *reader) header() error {
	name, b, err := r.member()
	if err != nil {
		return err
	}
	if name != headerName {
		return damaged("it does not begin with %s: it is no backup of Cordon", headerName)
	}
	if err := json.Unmarshal(b, &r.summary.Header); err != nil {
		return damaged("its header cannot be read: %v", err)
	}
	if err := r.summary.check(); err != nil {
		return err
	}
	return r.visit.header(r.summary.Header)
}

// next reads a member; done says that it was the manifest.
func (r *reader) next() (done bool, err error) {
	name, b, err := r.member()
	switch {
	case err != nil:
		return false, err
	case name == manifestName:
		return true, r.compare(b)
	case name == keysName:
		return false, r.visit.keys(b)
	}
	rest, ok := strings.CutPrefix(name, tablesPrefix)
	table, _, _ := strings.Cut(rest, "/")
	t, known := r.tables[table]
	if !ok || !known {
		return false, damaged("it has a member %q that belongs nowhere", name)
	}
	return false, r.rows(t, b)
}

// limitOf is the largest size of a member.
func limitOf(name string) int64 {
	switch name {
	case headerName, keysName:
		return maxSmall
	case manifestName:
		return maxManifest
	}
	return maxMember
}

func (r *reader) member() (name string, b []byte, err error) {
	h, err := r.tar.Next()
	if errors.Is(err, io.EOF) {
		return "", nil, damaged("its end is missing")
	}
	if err != nil {
		return "", nil, damaged("%v", err)
	}
	if h.Size > limitOf(h.Name) || h.Typeflag != tar.TypeReg {
		return "", nil, damaged("its member %q is too large, or no file", h.Name)
	}
	var buf bytes.Buffer // grows with what is there, not with what is claimed
	if _, err := io.Copy(&buf, r.tar); err != nil {
		return "", nil, damaged("%v", err)
	}
	sum := sha256.Sum256(buf.Bytes())
	r.seen = append(r.seen, member{h.Name, h.Size, hex.EncodeToString(sum[:])})
	r.summary.Size += h.Size
	return h.Name, buf.Bytes(), nil
}

// insertRows and insertBytes bound what is inserted at a time.
const (
	insertRows  = 100
	insertBytes = 1 << 20
)

func (r *reader) rows(t store.Table, b []byte) error {
	var batch [][]any
	size := 0
	flush := func() error {
		rows := batch
		batch, size = nil, 0
		return r.visit.rows(t, rows)
	}
	for line := range bytes.Lines(b) {
		row, err := decodeRow(line, t)
		if err != nil {
			return err
		}
		batch, size = append(batch, row), size+len(line)
		r.summary.Rows[t.Name]++
		if len(batch) < insertRows && size < insertBytes {
			continue
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return flush()
}

// compare holds what was read against the manifest.
func (r *reader) compare(b []byte) error {
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return damaged("its manifest cannot be read: %v", err)
	}
	seen := r.seen[:len(r.seen)-1] // without the manifest itself
	if len(m.Members) != len(seen) {
		return damaged("it has %d members, its manifest lists %d", len(seen), len(m.Members))
	}
	for i, want := range m.Members {
		if seen[i] != want {
			return damaged("its member %s is not what was written", want.Name)
		}
	}
	if !maps.Equal(m.Rows, r.summary.Rows) {
		return damaged("the numbers of its rows are not those of its manifest")
	}
	return nil
}

// end makes sure that nothing follows.
func (r *reader) end() error {
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return damaged("something follows its manifest")
	}
	return nil
}

// String lists the rows of a backup, for people: a line for each table that has some.
func (s Summary) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.Rows)) {
		if n := s.Rows[name]; n > 0 {
			fmt.Fprintf(&b, "%-24s %d\n", name, n)
		}
	}
	return b.String()
}
