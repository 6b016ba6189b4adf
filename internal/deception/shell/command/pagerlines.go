package command

import (
	"strings"
	"unicode/utf8"
)

// wrapper makes of a text the rows that a terminal of that width shows, as it comes and
// as far as there is memory; control characters are written so that they do nothing to
// the terminal.
type wrapper struct {
	hold    func(bytes int) bool // counts memory, and reports whether there is so much
	columns int

	rows  []string
	row   strings.Builder
	wide  int    // characters of row
	begun bool   // the line has a character
	cut   []byte // a character of which the rest is to come
	held  int
}

// Write implements io.Writer. The error is errMemory when the text does not fit.
func (w *wrapper) Write(d []byte) (int, error) {
	text := append(w.cut, d...)
	w.cut = nil
	for len(text) > 0 {
		if !utf8.FullRune(text) {
			w.cut = append(w.cut, text...)
			break
		}
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if !w.take(r) {
			return 0, errMemory
		}
	}
	return len(d), nil
}

// take adds a character, and reports whether there was memory for its row.
func (w *wrapper) take(r rune) bool {
	if w.begun = r != '\n'; !w.begun {
		return w.next()
	}
	switch {
	case r == '\t':
		return w.put(' ', 8)
	case r < ' ' || r == 127:
		return w.put('^', 1) && w.put(r^64, 1)
	}
	return w.put(r, 1)
}

func (w *wrapper) put(r rune, times int) bool {
	for range times {
		if w.wide == w.columns && !w.next() {
			return false
		}
		w.row.WriteRune(r)
		w.wide++
	}
	return true
}

// next ends a row.
func (w *wrapper) next() bool {
	cost := w.row.Len() + 2*lineCost // the row's place in the list, which doubles as it grows
	if w.held += cost; w.held > mostHeld || !w.hold(cost) {
		return false
	}
	w.rows, w.wide = append(w.rows, w.row.String()), 0
	w.row.Reset()
	return true
}

// end returns the rows.
func (w *wrapper) end() []string {
	for range w.cut {
		_ = w.take(utf8.RuneError)
	}
	if w.begun {
		_ = w.next()
	}
	return w.rows
}
