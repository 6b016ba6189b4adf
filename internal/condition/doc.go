// Package condition compiles and answers conditions that operators write: those of
// playbooks about events, and those of the anomaly sensor's rules about records.
//
// A condition is CEL (Common Expression Language, https://cel.dev). It is checked when
// it is read: a name that nobody declared, a comparison of a text with a number, and
// what could cost too much in the worst case is an error then. Patterns and networks
// stand in the condition; nothing that an attacker writes is ever compiled.
//
// compile.go makes a Condition; literals.go holds what CEL does not have, and what it
// must not be given; values.go are the types of variables; needs.go reads out of a
// condition what must hold before it can, so that most of them need not be asked;
// document.go reads the files in which conditions stand.
//
// # Adding to it
//
// A function of conditions is a line in functions, one in literals.Validate when it
// compiles what it is given, and one in sizes.EstimateCallCost.
//
// Level 1: it may import L0. It and guard/egress/when are the packages that import CEL:
// a policy's conditions ask about requests and belong to a public library.
package condition
