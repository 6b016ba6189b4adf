// Package archtest holds the house together: its tests fail when a package
// imports upwards or sideways, has no doc comment, touches SQL outside its
// room, or outgrows the sizes that keep the code readable.
//
// To allow an edge, add it to the table in rules_test.go with its reason.
package archtest
