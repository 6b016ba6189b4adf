// Package detect finds secrets in bytes: access keys, tokens, private keys,
// passwords in URLs. Bytes go in, findings come out; it opens no file and no
// connection, and imports nothing of Cordon.
//
//	rules, err := detect.BuiltinRules()
//	set, err := detect.Compile(rules, detect.Options{})
//	scanner := detect.NewScanner(set)
//	report := scanner.Scan(message, func(f detect.Finding) bool {
//		log.Printf("%s at %d:%d: %s", f.Rule.ID, f.Line, f.Column, f.Redacted)
//		return true
//	})
//
// # How a scan goes
//
// One pass over the input finds the literals that rules begin with or hold (an
// Aho-Corasick automaton). Only there is a rule's regex tried, on as much text
// as a match can span. What matches is asked for its entropy, goes past the
// allowlists and to the rule's validator, which may refuse it, move its
// confidence (a checksum that is right) or stretch it (a private key's first
// line becomes the whole block). Then the input is decoded where it holds
// base64, hex, percent or backslash escapes, gzip or zlib, and each result goes
// the same way, up to four encodings deep and within a budget of bytes. Of
// findings that overlap, the best is kept: a provider's format before a generic
// one, the surer before the less sure.
//
// A regex is therefore only found around its literals: a match has to hold one
// of the rule's Keywords, or, when none are given, of the literals that Compile
// derives. A regex with no upper bound is followed for 4 KiB.
//
// # What is not said
//
// A scan that had to leave something out says so: an input is clean only when
// there are no findings and Report.Complete is true. A Secret prints as
// "[redacted]" whatever is done to it short of calling Reveal.
//
// # How to add a rule
//
// Write it into the file of its provider family in rules/, with at least one
// positive and one negative, and run the tests: README.md shows the form.
package detect
