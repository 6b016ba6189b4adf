package detect

import (
	"bytes"
	"slices"
	"strings"
)

// SecretTypePaymentCard is the secret type that Redact shows the last four of.
const SecretTypePaymentCard = "PAYMENT_CARD"

const (
	hidden      = "****"
	minShown    = 12
	shownHead   = 4
	shownTail   = 3
	shownFourth = 4 // at most one in four
)

// Redact is the form of a secret that may be stored and shown: its first
// characters, "****", its last; at most 4 and 3, and never more than a quarter
// of the secret. Under 12 characters it is asterisks only. Of a payment card
// (kind SecretTypePaymentCard) the last four digits are shown, as PCI DSS 3.4
// permits. Of a private key in PEM the label is shown, "RSA PRIVATE KEY ****",
// when it is one of those in use; no byte of the key. Everything but ASCII letters, digits and punctuation becomes a dot,
// so that the form is safe to print.
func Redact(secret []byte, kind string) string {
	if len(secret) < minShown {
		return hidden
	}
	if kind == SecretTypePaymentCard {
		return hidden + clean(secret[len(secret)-4:])
	}
	if label := keyLabel(secret); label != "" {
		return label + " " + hidden
	}
	shown := min(shownHead+shownTail, len(secret)/shownFourth)
	tail := shown * shownTail / (shownHead + shownTail)
	return clean(secret[:shown-tail]) + hidden + clean(secret[len(secret)-tail:])
}

// keyLabel is what stands between the dashes of a PEM private key's first line
// (RFC 7468, section 2); empty for other secrets. A label that nobody uses may
// hold anything, so that it is not repeated.
func keyLabel(secret []byte) string {
	rest, ok := bytes.CutPrefix(secret, []byte("-----BEGIN "))
	label, _, closed := bytes.Cut(rest[:min(len(rest), 80)], []byte("-----"))
	switch text := string(label); {
	case !ok || !closed:
		return ""
	case slices.Contains([]string{
		"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY",
		"ENCRYPTED PRIVATE KEY", "SSH2 ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK",
	}, text):
		return text
	case strings.Contains(text, "PRIVATE KEY"):
		return "PRIVATE KEY"
	}
	return ""
}

func clean(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '.'
		}
		return r
	}, string(b))
}
