package dlp

import (
	"bytes"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
)

// mostExpanded is how many times Limits.Whole may come out of a body.
const mostExpanded = 8

// unpacked looks at what a body encoded with brotli holds. The error is ErrRefused
// when that, or what of it cannot be looked at, may not leave.
func (m *Message) unpacked(body []byte, b Body) error {
	most := int64(mostExpanded * m.i.o.Limits.Whole)
	inside := m.Stream(io.Discard, Body{Where: b.Where, Judge: b.Judge})
	n, err := io.Copy(inside, io.LimitReader(brotli.NewReader(bytes.NewReader(body)), most+1))
	if end := inside.Close(); errors.Is(end, ErrRefused) {
		return end
	}
	unseen := ""
	switch {
	case n > most:
		unseen = "it expands to more than may be looked at"
	case err != nil:
		unseen = "it is not the brotli that its head says"
	}
	if unseen != "" && !b.Judge(Verdict{Unseen: unseen}) {
		return ErrRefused
	}
	return nil
}
