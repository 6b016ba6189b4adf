// Package parse makes records of the lines that other programs log: a failed
// login of sshd, a request of nginx, a password that sudo refused. It is the
// contract of the parsers, one folder each below this one, and what they have in
// common: the header of syslog, "message repeated", times without a year, bounds.
//
// A line is hostile: half of it was chosen by whoever tried to log in. Parsers
// anchor at what the program itself wrote last, blame nobody where that is
// ambiguous, and cost time in proportion to the line.
//
// To add a parser: make a folder with code, a README, and a test that calls
// parsetest.Run and parsetest.Fuzz, then add one line to the list in internal/app.
//
// Level 2: it may import the standard library and L0.
package parse
