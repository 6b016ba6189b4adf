// Package door is what the doors of a decky share that lead to its machine:
// what a client finds behind them, what Debian says to who logs in, the record
// of a terminal, and what the doors remember together. SSH and Telnet are such
// doors; which passwords are right is package passwords'.
//
// Another door takes a Machines in its Kind and hands a Login to Machine.Run.
//
// Level 2: it may import deception/service, service/passwords, deception/persona, deception/shell
// and what lies below it.
package door
