package anchor

import (
	"slices"
	"strings"
	"testing"
)

// What decoders look for are literals of two bytes.
func escapeMarks() []string {
	all := []string{`\u`, `\x`, `\n`, `\"`, "&#"}
	for _, digit := range "0123456789abcdef" {
		all = append(all, "%"+string(digit), "="+string(digit))
	}
	return all
}

func TestEscapesAreFound(t *testing.T) {
	literals := escapeMarks()
	check(t, literals, []byte(strings.Repeat(`100% of a%20b, "\u00e9\x41", &#65; & =3D==3d\`, 4)+"%"), 0)
	hits, _ := New(literals).Find([]byte(`plain %, a=%C3`), 0, make([]Hit, 0, 8))
	if want := []Hit{{11, int32(slices.Index(literals, "%c"))}}; !slices.Equal(hits, want) {
		t.Errorf("got %v, want %v", hits, want)
	}
}
