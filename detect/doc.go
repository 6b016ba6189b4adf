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
// One pass over the input finds the literals that matches begin with or hold
// (package anchor, with vectors where the machine has them). Each tells of its
// rules where a match can begin, and there the rule's regex, compiled to a small
// program (package match), is tried; most places are turned down by a look at the
// bytes behind the literal, or, where a rule asks for a value behind a name,
// because there is none.
// Only what has no program, or costs it too much, is left to package regexp.
// What matches is asked for its entropy, goes past the
// allowlists and to the rule's validator, which may refuse it, move its
// confidence (a checksum that is right) or stretch it (a private key's first
// line becomes the whole block). Then the input is decoded where it holds
// something encoded, rearranged where it is written in parts, and each result
// goes the same way, up to four layers deep and within a budget of bytes. Of
// findings that overlap, the best is kept: a provider's format before a generic
// one, the surer before the less sure, what was seen through an escape before
// what the escape cut short.
//
// # What is decoded
//
// Base64 in both alphabets, padded or not, broken into lines or not; base32 in both, in
// capitals or small letters; ascii85 between <~ and ~>, or all of a text; hex, also as
// 0x41, 0x4b, 41 4b, 41:4b, 41,4b and 41-4B; uuencode at the start of a text or a part;
// a Buffer of Node; backslash escapes of JSON and other languages, lines that go on
// behind a backslash; percent encoding and forms; U+0041 and %u0041; references and
// CDATA of XML; quoted-printable; UTF-16 and UTF-32 of either order; gzip, zlib,
// deflate, zstd, brotli, bzip2 and the entries of ZIP archives; what a PDF says
// (package pdf), and the objects of a pack of git. Brotli and deflate, which have no
// mark, are known at the start of a text, of a part, of base64 and of hex only. Rearranged are
// strings that a program joins, lines of a list, halves of a value in fields that are
// numbered, and names and values in two fields: a Kubernetes variable, a Terraform
// default, a block of YAML, a part of a form.
//
// Most runs of digits are hashes and most escapes line ends: they are decoded
// only where text or compressed data can come of them, or a name, a secret or its
// edge be hidden by them.
//
// A regex is therefore only found around its literals: Compile derives some of
// which every match holds one, the rarest there are; where there are none, or
// the rule says Near, the rule's Keywords take their place. A regex with no upper
// bound is followed for 4 KiB.
//
// A value that only its name calls a secret is judged by a linear model
// (internal/model): what the name says, whether the value looks random, what
// surrounds it. Explain lists what spoke for and against each place. Below
// DefaultMinConfidence is what could as well be an example.
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
// positive and one negative, run "make generate", which packs the rules for a
// quick start, and the tests: README.md shows the form.
package detect
