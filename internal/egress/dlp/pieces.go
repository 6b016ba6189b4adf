package dlp

import (
	"bytes"

	"go.cordon.dev/cordon/detect"
)

// A secret may be sent in pieces, a message or a part of one for each. Whoever puts it together
// again needs its beginning, which the engine knows: the format of a provider
// begins there and is not finished. So beginnings are remembered, and when there
// are any, every word that follows is tried behind them. Words of small texts that
// look random are remembered, too, in case the end is sent first.
const (
	smallText  = 4 << 10
	leastWord  = 4   // bytes
	mostWord   = 200 // bytes
	mostWords  = 512 // of a message, that are tried
	mostPieces = 128 // of a text
	mostLoose  = 6   // of a text
)

// piece is a word of a text that may be a part of a secret.
type piece struct {
	text  []byte
	at    int64 // in the text that was sent
	begun bool  // a format begins with it
	loose bool  // it looks random, and there are few words beside it
	small bool  // so is the text: it may go with another of the same message
}

// begun notes a beginning, and, if it was decoded, the word that it was decoded
// from, whose rest may follow as well.
func (s *search) begun(t detect.Text, start, end int) {
	from, to := t.Span(start, end)
	if end-start < leastWord || to <= s.from || len(s.pieces) >= mostPieces || plain(t.Bytes[start:end]) {
		return
	}
	s.pieces = append(s.pieces, piece{text: bytes.Clone(t.Bytes[start:end]), at: from, begun: true, small: s.small})
	if whole := s.text[from:to]; t.Decoded() && len(whole) <= mostWord {
		s.pieces = append(s.pieces, piece{text: bytes.Clone(whole), at: from, begun: true, small: s.small})
	}
}

// notePieces notes the words of a text that somebody may ask for.
func (s *search) notePieces(t detect.Text) {
	wanted := s.m.trail.waits()
	if !s.small && !wanted {
		return
	}
	loose := 0
	for at := 0; at < len(t.Bytes) && s.m.words < mostWords && len(s.pieces) < mostPieces; {
		start, end := nextWord(t.Bytes, at)
		at = end + 1
		if !s.isPiece(t, start, end) {
			continue
		}
		chance := random(t.Bytes[start:end])
		p := piece{loose: s.small && chance && loose < mostLoose, small: s.small}
		if !(s.small && chance) && !(wanted && (chance || s.small && !plain(t.Bytes[start:end]))) {
			continue
		}
		if p.loose {
			loose++
		}
		p.at, _ = t.Span(start, end)
		p.text = bytes.Clone(t.Bytes[start:end])
		s.m.words++
		s.pieces = append(s.pieces, p)
	}
}

// isPiece says whether a word is of the length of one, whole, and new.
func (s *search) isPiece(t detect.Text, start, end int) bool {
	if n := end - start; n < leastWord || n > mostWord {
		return false
	}
	_, to := t.Span(start, end)
	return to > s.from && (s.whole || to < int64(len(s.text)))
}

// nextWord finds the next run of what tokens are made of, without dots at its
// ends.
func nextWord(text []byte, at int) (start, end int) {
	for at < len(text) && !wordByte(text[at]) {
		at++
	}
	start = at
	for at < len(text) && (wordByte(text[at]) || text[at] == '.') {
		at++
	}
	for end = at; end > start && text[end-1] == '.'; end-- {
	}
	return start, end
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// random says whether a word is none that people write: digits among letters, or
// capitals behind small ones. UUIDs are names, not parts of secrets.
func random(word []byte) bool {
	if len(word) == 36 && word[8] == '-' && word[13] == '-' && word[18] == '-' && word[23] == '-' {
		return false
	}
	var digits, letters, mixed bool
	for i, c := range word {
		digit, upper := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		digits = digits || digit
		letters = letters || upper || c >= 'a' && c <= 'z'
		mixed = mixed || upper && i > 0 && word[i-1] >= 'a' && word[i-1] <= 'z'
	}
	return digits && letters || mixed
}

// plain says whether a word is of small letters, but for its first.
func plain(word []byte) bool {
	for _, c := range word[1:] {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
