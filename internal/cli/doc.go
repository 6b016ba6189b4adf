// Package cli is the command line. Data goes to standard output, everything
// else to standard error; exit codes are 0 clean or ok, 1 findings, 2 usage,
// 3 runtime error.
//
// A command that reads or changes a server's state is a client of its API: over
// the control socket of the data directory, over --server URL, or, when no
// server runs, against the same API inside this process.
//
// To add a verb: a file with its struct and Run method, a field in grammar, and
// a txtar script in testdata/script.
//
// Level 3: it may import L0, L1, L2, the public libraries and the API's client.
package cli
