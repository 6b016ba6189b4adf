package event

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// PlainJSON writes what JSON permits raw but a terminal might obey or a reader might
// not see (C1 controls, DEL, direction marks, bytes that are not UTF-8) as \u escapes.
// Such characters stand only in strings, so the value stays the same; line breaks
// between values stay, too. Where there is nothing to escape it returns doc itself.
func PlainJSON(doc []byte) []byte {
	at := invisible(doc)
	if at < 0 {
		return doc
	}
	out := append(make([]byte, 0, len(doc)+64), doc[:at]...)
	for doc = doc[at:]; len(doc) > 0; {
		r, size := utf8.DecodeRune(doc)
		if unseen(r, size) {
			out = appendEscape(out, r)
		} else {
			out = append(out, doc[:size]...)
		}
		doc = doc[size:]
	}
	return out
}

// invisible is where the first rune is that is to be escaped; -1: nowhere.
func invisible(doc []byte) int {
	return bytes.IndexFunc(doc, func(r rune) bool { return r == utf8.RuneError || unseen(r, utf8.RuneLen(r)) })
}

func unseen(r rune, size int) bool {
	if r < utf8.RuneSelf {
		return r != '\n' && (r < ' ' || r == 0x7f)
	}
	return r == utf8.RuneError && size == 1 || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func appendEscape(out []byte, r rune) []byte {
	if high, low := utf16.EncodeRune(r); r > 0xffff {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
