// Package door is what the doors of a decky share that lead to its machine:
// which passwords are right, what a client finds behind them, what Debian says
// to who logs in, and the record of a terminal. SSH and Telnet are such doors;
// who found a password at one of them finds it right at the other.
//
// Another door takes a Machines in its Kind, makes a Policy of its persona and
// configuration, and hands a Login to Machine.Run.
//
// Level 2: it may import deception/service, deception/persona, deception/shell
// and what lies below it.
package door
