// Package wording says in English what an event reports, for the formats that
// people read. It knows no markup: a format writes each Span its own way, so
// that text from outside can be made harmless where it is written.
//
// To add a sentence, add a line to the table in sentence.go.
//
// Level 2: a part of notify; it may import event.
package wording
