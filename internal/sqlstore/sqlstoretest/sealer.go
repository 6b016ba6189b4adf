package sqlstoretest

import (
	"bytes"
	"errors"
)

// Sealer is a seal that a test can look through: it proves that values pass
// through it, not that they are secret.
type Sealer struct{}

var sealMark = []byte("sealed:")

// Seal implements sqlstore.Sealer.
func (Sealer) Seal(plain []byte) ([]byte, error) {
	return append(bytes.Clone(sealMark), flipped(plain)...), nil
}

// Open implements sqlstore.Sealer.
func (Sealer) Open(sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, sealMark)
	if !ok {
		return nil, errors.New("not sealed")
	}
	return flipped(rest), nil
}

func flipped(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = ^c
	}
	return out
}
