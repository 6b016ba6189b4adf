package store11

import (
	"bytes"
	"os"
	"testing"

	"go.cordon.dev/cordon/hypercore/enc"
)

func seed(f *testing.F, pattern string) []byte {
	f.Helper()
	b, err := os.ReadFile(only(f, "testdata/db", pattern))
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// FuzzLog: whatever is in a log, reading it ends, and its batches are read or refused.
func FuzzLog(f *testing.F) {
	f.Add(seed(f, "*.log")[:4000])
	f.Add(seed(f, "MANIFEST-*"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := logReader{r: bytes.NewReader(b)}
		for {
			record, _, err := l.next()
			if err != nil {
				return
			}
			total := 0
			err = readBatch(record, func(o op) { total += len(o.key) + len(o.value) })
			if err == nil && total > len(record) {
				t.Errorf("%d bytes out of %d", total, len(record))
			}
			_, _ = readEdit(record)
		}
	})
}

// FuzzBatch reads a record without the checksum that keeps most of a log's damage away.
func FuzzBatch(f *testing.F) {
	l := logReader{r: bytes.NewReader(seed(f, "*.log"))}
	for range 3 {
		record, _, err := l.next()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(record))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		_ = readBatch(record, func(o op) {
			if o.at > len(record) || o.kind == opPut && !bytes.Equal(record[o.at:o.at+len(o.value)], o.value) {
				t.Errorf("a value is not where it is said to be: %+v", o)
			}
		})
	})
}

// FuzzEdit reads a record of the MANIFEST.
func FuzzEdit(f *testing.F) {
	l := logReader{r: bytes.NewReader(seed(f, "MANIFEST-*"))}
	for {
		record, _, err := l.next()
		if err != nil {
			break
		}
		f.Add(bytes.Clone(record))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		e, err := readEdit(record)
		if err == nil {
			_ = newManifest(nil).apply(e)
		}
	})
}

// FuzzBlock reads a block of a table, and one of its index.
func FuzzBlock(f *testing.F) {
	sst := seed(f, "*.sst")
	f.Add(sst[:min(len(sst), 8000)])
	f.Add([]byte{0, 1, 1, 'a', 'b', 0, 0, 0, 0, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, block []byte) {
		total := 0
		if err := readEntries(block, func(e entry) { total += len(split(e).value) }); err == nil && total > len(block) {
			t.Errorf("values of %d bytes in %d", total, len(block))
		}
		for _, delta := range []bool{false, true} {
			_ = new(table).readIndex(block, delta, true)
		}
	})
}

// FuzzRecords reads what is said about a core.
func FuzzRecords(f *testing.F) {
	f.Add([]byte{1, 0, 0, 1, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Core{}
		_ = c.readAuth(enc.NewDecoder(b))
		_ = c.readManifest(b)
		_, _ = readHead(b)
	})
}
