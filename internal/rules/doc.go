// Package rules keeps the detection rules that are in force: the builtin pack,
// the rule files of the configuration, and what operators changed, added or
// imported. A change is checked by compiling the whole set, stored with its
// history, audit record and event in one transaction, and only then swapped
// into the running scanner; when anything fails the old set stays.
//
// Every node follows: it reads the stored rules anew when the bus says that one
// changed, and now and then when the bus is silent.
//
// A rule that operators add is a row of its own; of a builtin rule or one from
// a file only the differences are stored, so that a newer pack brings what is
// new in it.
//
// Level 2: it may import L0, L1 and detect. The leak sensor does not know it;
// both are given the same detect.Scanner.
package rules
