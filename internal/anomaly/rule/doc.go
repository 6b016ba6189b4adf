// Package rule reads operators' rules of the anomaly sensor: which records are counted,
// whose are counted together, and how many are too many.
//
//	rules:
//	  - id: vpn_guessing
//	    on: [auth_failed]
//	    when: attributes.service == "vpn" && !source_ip.within("198.51.100.0/24")
//	    by: ip
//	    threshold: 5
//	    window: 10m
//
// document.go reads the file and says on which line it is wrong; one.go reads a rule by
// itself and knows what many may cost; words.go says a rule in words; rule.go is what a rule
// is; record.go is what its condition may ask of a record; index.go finds the rules
// that a record may concern without asking the others. A condition is CEL, see
// internal/condition. What counts is done by package anomaly.
//
// # What it bounds
//
// A document has 1 MiB and MaxRules rules at most, and the conditions about one kind of
// record cost at most maxCosts together: what is more is refused when it is read.
//
// # Adding to it
//
// A form of rule is a field of entry, a line in entry.rule, what remembers it in package
// anomaly (slab.go), and an example in docs/anomaly.md.
//
// Level 2: it may import L0, L1 and guard/anomaly.
package rule
