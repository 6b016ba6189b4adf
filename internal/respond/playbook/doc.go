// Package playbook reads playbooks: which events are answered, under what condition,
// with what, and whether somebody is asked first.
//
//	playbooks:
//	  - id: guessers
//	    topics: [anomaly.brute_force.detected]
//	    when: data.state == "opened" && severity >= high
//	    mode: approve
//	    block: {for: 24h}
//
// document.go reads the file, fields.go knows what each event holds, condition.go
// has conditions compiled. A condition is CEL (Common Expression Language,
// https://cel.dev). It is checked when the file is read: a field that one of the
// events does not have, a comparison of a text with a number, a condition that could
// cost too much is an error then, not in the night when it matters.
//
// # What a condition may ask
//
// topic, source and subject are texts; severity is compared with info, low, medium,
// high and critical; data has the fields of the event as docs/event-catalog.md lists
// them, as far as they are texts, numbers, booleans, times or lists of texts. A field
// that an event leaves out is empty. address.within("10.0.0.0/8") compares an address.
//
// # Adding to it
//
// An action is a field of Playbook, a line in its actions, and what does it in
// package respond. An event in the catalogue is known by itself.
//
// Level 2: it may import L0 and internal/condition.
package playbook
