package leak

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// maxForms is how many hits of a message are looked for in encoded form too.
const maxForms = 1024

// encoded lists the secrets of hits as they look in base64 and hex. A secret
// that only its surroundings gave away is not found again when it stands
// encoded somewhere else, but it must not be shown there either.
func encoded(hits []hit) []detect.Finding {
	var out []detect.Finding
	for _, h := range hits[:min(len(hits), maxForms)] {
		for _, form := range encodedForms(h.Secret.Reveal()) {
			out = append(out, detect.Finding{Start: -1, End: -1, Secret: detect.NewSecret([]byte(form)), Redacted: h.Redacted})
		}
	}
	return out
}

// minEncoded is the length from which a secret is looked for in encoded form.
const minEncoded = 6

func encodedForms(secret []byte) []string {
	if len(secret) < minEncoded {
		return nil
	}
	plain := hex.EncodeToString(secret)
	out := []string{plain, strings.ToUpper(plain)}
	for shift := range 3 {
		// What comes before moves a secret within its groups of three bytes; the
		// characters that it shares with its neighbours are left out.
		all := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift, shift+len(secret)), secret...))
		core := all[(shift*8+5)/6 : (shift+len(secret))*8/6]
		out = append(out, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
