package sourcetest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Marker is a source.Marker for tests: Key is the key in force, Old are those
// that it replaced.
type Marker struct {
	Key string
	Old []string
}

// Mark implements source.Marker.
func (m Marker) Mark(text []byte) string { return mark(m.Key, text) }

// Marks implements source.Marker.
func (m Marker) Marks(text []byte) []string {
	marks := []string{m.Mark(text)}
	for _, k := range m.Old {
		marks = append(marks, mark(k, text))
	}
	return marks
}

// Marked implements source.Marker.
func (m Marker) Marked(text []byte, mark string) bool { return slices.Contains(m.Marks(text), mark) }

func mark(key string, text []byte) string {
	sum := sha256.Sum256(append([]byte(key), text...))
	return key + ":" + hex.EncodeToString(sum[:16])
}
