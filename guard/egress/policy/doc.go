// Package policy decides what may leave: a document of rules and a request go in, a
// decision comes out. It opens no file and no connection, has no clock of its own,
// and imports nothing of Cordon.
//
//	p, err := policy.Parse(document)
//	d := p.Decide(policy.Request{Time: now, Host: "api.example.com", Port: 443})
//	if !d.Allowed() {
//		log.Print(d.Detail, d.AllowCommand)
//	}
//
// # How a request is judged
//
// One request is judged as often as more of it becomes known: by name and port
// before the name is resolved, by address before it is dialed, by what is spoken,
// by method and path. What is not known yet does not speak against it, so that
// only a denial is final.
//
// The floors come first: the kill switch, hosts that have no normal form, metadata
// services and link-local addresses. Then the switches, the denylist, the
// allowlist, the sections for databases, DNS and WebSockets, the address space
// that a name led to, the default policy, and at last what was found in the data.
// The mode says which of the answers counts; docs/egress.md has every combination.
//
// # How rules are found
//
// Names lie in a trie of labels (names), addresses in nested ranges (ranges). A
// decision among 100,000 rules takes well under a microsecond and, when it allows,
// no memory. Rules of one host are asked one after the other: whoever writes
// thousands for one host pays for them.
//
// # Spellings
//
// NormalHost and CleanPath give hosts and paths the one form that is compared.
// Whatever has none, or more than one, matches no rule, and as a host is denied in
// every mode.
//
// # The document
//
// The schema is what the reading functions ask for (mapping.done complains about
// every other key); a new key is read there, enforced in Decide or in a matcher,
// compared by Diff and written by Rule.yamlFields. A key that is not enforced is
// refused (mapping.refuse) or, where an older file has it, listed (mapping.note).
// Edit changes lines and not trees, so that comments stay, and compares the result
// with what was meant.
package policy
