// Package document takes the text that people read out of documents that cut it
// up: the runs of Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300),
// the control words of RTF. A secret is in one piece there, however many runs
// its author's program made of it.
//
// A document is read in two ways, which together look at every byte once. Text
// gives what stands on the page, a line for each paragraph. Rest gives the bytes
// as they stand, with blanks for those of the text: links, properties, formulas,
// what is embedded. Offsets and lines of the rest are those of the document.
//
// Both stream in constant memory and take whatever comes: what is no document
// has an empty text, and a rest that is all of it.
//
// To add a format: a type with next that cuts the input into pieces, and a line
// in lexerOf. Level 2, below package scan: the standard library only.
package document

import "io"

// Format is a way of writing documents.
type Format int

// The formats.
const (
	// XML is a part of an office package: word/document.xml, content.xml.
	XML Format = iota
	// RTF is the Rich Text Format, version 1.9.1.
	RTF
)

// Text reads the text of a document: what is on its pages, in UTF-8.
func Text(f Format, r io.Reader) io.Reader { return &view{lex: lexerOf(f, r), text: true} }

// Rest reads a document as it stands, with blanks where Text gives text.
func Rest(f Format, r io.Reader) io.Reader { return &view{lex: lexerOf(f, r)} }

func lexerOf(f Format, r io.Reader) lexer {
	if f == RTF {
		return &rtf{in: window{r: r}, group: group{fallback: 1}}
	}
	return &markup{in: window{r: r}}
}

// lexer cuts a document into pieces. A piece is good until the next; the error is
// that of the reader behind it, io.EOF at the end.
type lexer interface {
	next() (piece, error)
}

// piece is a stretch of a document.
type piece struct {
	raw   []byte // as it stands
	text  []byte // what it adds to the text
	shown bool   // whether the raw bytes are that text, or part of how it is written
}

// view is one of the two ways to read.
type view struct {
	lex  lexer
	text bool
	left []byte // of the last piece
	err  error
}

func (v *view) Read(p []byte) (int, error) {
	for len(v.left) == 0 && v.err == nil {
		var next piece
		next, v.err = v.lex.next()
		v.left = v.of(next)
	}
	n := copy(p, v.left)
	v.left = v.left[n:]
	if n == 0 && len(p) > 0 {
		return 0, v.err
	}
	return n, nil
}

// of is what this way of reading takes of a piece.
func (v *view) of(p piece) []byte {
	switch {
	case v.text:
		return p.text
	case p.shown:
		blank(p.raw)
	}
	return p.raw
}

// blank keeps line ends, so that lines keep their numbers.
func blank(b []byte) {
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
}
