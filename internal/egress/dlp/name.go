package dlp

import (
	"encoding/base32"
	"strings"
)

// LeastSecret is how many characters a name has in which a secret is looked for.
const LeastSecret = 16

// Name looks for secrets in the name of a host as somebody wrote it: large and small
// letters are two. It leaves with the first question to a name server. Who smuggles a
// secret in one cuts it into labels or writes it in base32, whose digits survive
// servers that write names in small letters; so the labels are looked at together as
// well, and what base32 says in them. The other codings the rules' engine knows by
// itself.
func (i *Inspector) Name(where, name string) (v Verdict) {
	if len(name) < LeastSecret {
		return v
	}
	for _, text := range readings(name) {
		if v = i.Text(where, text); len(v.Findings) > 0 {
			return v
		}
	}
	return v
}

// readings are the ways in which a name can be read: as it is, and the beginnings of
// it without dots, up to each of the last labels, which are the domain's.
func readings(name string) [][]byte {
	labels := strings.Split(name, ".")
	out := [][]byte{[]byte(name)}
	for cut := len(labels) - 1; cut > 0 && cut >= len(labels)-maxDomain; cut-- {
		joined := strings.Join(labels[:cut], "")
		if len(joined) < LeastSecret {
			break
		}
		if cut > 1 {
			out = append(out, []byte(joined))
		}
		if upper := strings.ToUpper(joined); upper != joined {
			out = append(out, []byte(upper)) // keys of capitals and digits, as clients write names
		}
		out = appendBase32(out, joined)
	}
	return out
}

// maxDomain is how many labels behind what is smuggled are tried as the domain's.
const maxDomain = 4

// appendBase32 adds what a text says when it is base32 (RFC 4648, 6 and 7), in
// whatever case and without padding; characters that only fill it are left out.
func appendBase32(out [][]byte, text string) [][]byte {
	upper := strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(text))
	for _, coding := range [...]*base32.Encoding{base32.StdEncoding, base32.HexEncoding} {
		whole := len(upper) - len(upper)%8
		for _, end := range [...]int{len(upper), whole} {
			if b, err := coding.WithPadding(base32.NoPadding).DecodeString(upper[:end]); err == nil {
				out = append(out, b)
				break
			}
		}
	}
	return out
}
