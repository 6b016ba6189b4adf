// Package telnet is a Telnet server as Debian 12 has it: telnetd of GNU
// inetutils 2.4 with login(1) of shadow 4.13 behind it. What the two say, in
// which order and after which delays, and how options are negotiated, was
// compared with the real ones.
//
// link is the protocol: bytes in, answers out, without a connection; its options
// are in options.go, LINEMODE in linemode.go and slc.go. tty is the terminal's
// line discipline while login asks, login.go the questions. A new option is a
// case of accepts (the client's) or offers (ours).
//
// Level 2: it may import deception/service, service/door, deception/persona,
// deception/shell and what lies below it.
package telnet
