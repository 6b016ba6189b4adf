package dlp_test

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// What is full of secrets costs no more memory than is needed to say so: the rest
// counts as not looked at.
func TestATextFullOfSecretsIsBounded(t *testing.T) {
	i := inspector(t, dlp.Limits{})
	text := strings.Repeat(token(t)+"\n", 50_000)
	for name, verdict := range map[string]dlp.Verdict{
		"a text":     i.Text("message", []byte(text)),
		"many parts": i.Head("GET", "/", []dlp.Field{{Name: "a", Value: text}}),
	} {
		if n := len(verdict.Findings); n == 0 || n > 5000 || verdict.Unseen == "" {
			t.Errorf("%s: %d findings, unseen %q", name, n, verdict.Unseen)
		}
	}
	var dst sink
	most := 0
	s := i.Stream(&dst, dlp.Body{Encoded: true, Judge: func(v dlp.Verdict) bool { most = max(most, len(v.Findings)); return v.Unseen == "" }})
	_ = send(s, []byte(text), 64<<10)
	if most == 0 || most > 5000 || dst.Len() > 0 {
		t.Errorf("%d findings at a time, %d bytes left", most, dst.Len())
	}
}
