// Package ssh is an SSH server as Debian 12 has it, OpenSSH 9.2p1: its
// identification, its algorithms in their order, its delays, limits and errors.
// Every password and key that a client tries is told to the session; who is let
// in finds a machine, whose shell and files are those of the package shell, and
// none of what he asks to be connected to.
//
// The protocol's layers have packages of their own below this one: transport
// (packets and keys; over kex, hostkey, sntrup, umac, inflate and wire), sftp
// and scp. Here are the two upper ones: who may log in (auth.go) and
// channels (connection.go and what follows it). A new request of a channel is a
// line in the table of requests.go.
//
// Level 2: it may import deception/service, service/door, deception/persona, deception/shell
// and what lies below it.
package ssh
