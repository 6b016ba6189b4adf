package detect

import "strings"

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
// permits. Everything but ASCII letters, digits and punctuation becomes a dot,
// so that the form is safe to print.
func Redact(secret []byte, kind string) string {
	if len(secret) < minShown {
		return hidden
	}
	if kind == SecretTypePaymentCard {
		return hidden + clean(secret[len(secret)-4:])
	}
	shown := min(shownHead+shownTail, len(secret)/shownFourth)
	tail := shown * shownTail / (shownHead + shownTail)
	return clean(secret[:shown-tail]) + hidden + clean(secret[len(secret)-tail:])
}

func clean(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '.'
		}
		return r
	}, string(b))
}
