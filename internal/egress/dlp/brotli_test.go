package dlp_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/andybalholm/brotli"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// A secret in pieces is found in bodies of brotli as in others.
func TestPiecesInBrotli(t *testing.T) {
	secret := token(t)
	i := inspector(t, dlp.Limits{})
	var j judge
	for _, text := range []string{"a " + secret[:20], secret[20:] + " b"} {
		var packed, dst bytes.Buffer
		w := brotli.NewWriter(&packed)
		_, err := io.WriteString(w, text)
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		s := i.Message("/bin/prog").Stream(&dst, dlp.Body{Encoded: true, Codings: []string{"br"}, Judge: j.refuse})
		_ = send(s, packed.Bytes(), 1000)
	}
	if len(j.told) != 1 || len(j.told[0].Findings) != 1 || j.told[0].Unseen != "" {
		t.Errorf("%+v", j.told)
	}
}
