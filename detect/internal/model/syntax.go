package model

import "bytes"

// syntax is how a value is written down.
type syntax struct {
	quote    byte // that opens it; 0 if none
	closed   bool // by the same quote
	cut      bool // the quoted text goes on where the value ends
	comma    bool // only a comma stands between name and value
	listed   bool // and another before the name: strings in a row
	next     byte // behind the value and its quote; 0 at the end
	operator byte // the last of the operator: = : > , - or 0
}

func syntaxOf(text []byte, start, end int) syntax {
	s := syntax{}
	i := start - 1
	if i >= 0 && quote(text[i]) {
		s.quote = text[i]
		i--
	}
	for i >= 0 && bytes.IndexByte([]byte(" \t\r\n\\\"'`([{"), text[i]) >= 0 {
		i--
	}
	if i >= 0 && bytes.IndexByte([]byte("=:>,-|?"), text[i]) >= 0 {
		s.operator = text[i]
	}
	s.comma = s.operator == ','
	s.listed = s.comma && listed(text, i)
	s.after(text, end)
	return s
}

// listed says whether the string before the comma at i stands behind another
// string and a comma.
func listed(text []byte, i int) bool {
	i = backOver(text, i-1, quote)
	i = backOver(text, i, nameByte)
	i = backOver(text, i, quote)
	i = backOver(text, i, blank)
	return i > 0 && text[i] == ',' && quote(text[i-1])
}

// backOver steps back over bytes of a class, from i, for the length of a name.
func backOver(text []byte, i int, class func(byte) bool) int {
	for n := 0; i >= 0 && n < nameReach && class(text[i]); n++ {
		i--
	}
	return i
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (s *syntax) after(text []byte, end int) {
	i := end
	for i < len(text) && text[i] == '\\' && i-end < 8 {
		i++
	}
	for blanks := i; i < len(text) && i-blanks < 3 && s.quote != 0 && oneOf(text[i], " \r\n"); {
		i++ // that were copied along
	}
	if i < len(text) && s.quote != 0 && text[i] == s.quote {
		s.closed = true
		i++
	} else if s.quote != 0 && i < len(text) {
		// A longer value is not cut, only too long to be seen whole, and a
		// colon joins the halves of a credential.
		s.cut = i == end && !nameByte(text[i]) && text[i] != ':'
		i = end
	}
	if i < len(text) {
		s.next = text[i]
	}
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// bare says whether the value stands in no quotes.
func (s syntax) bare() bool { return s.quote == 0 }

// name says whether the value is the name of the next one: "secret", "id": "x".
func (s syntax) name() bool { return s.comma && s.closed && s.next == ':' }

// code says whether an unquoted value is followed by what follows expressions.
func (s syntax) code() bool {
	return s.bare() && s.next != 0 && bytes.IndexByte([]byte("([.;)?!{"), s.next) >= 0
}

// identifier says whether b is a name of a program: letters, digits, _ and dots.
func identifier(b []byte) bool {
	if len(b) == 0 || digit(b[0]) {
		return false
	}
	for _, c := range b {
		if letter(c) < 0 && !digit(c) && c != '_' && c != '.' && c != '$' {
			return false
		}
	}
	return true
}
