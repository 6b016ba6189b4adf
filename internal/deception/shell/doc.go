// Package shell is the machine behind a login of a decky: bash as Debian 12 has
// it, the processes, users and terminals around it, all over a virtual file
// system. The grammar is read by mvdan.cc/sh/v3/syntax; what it means is decided
// here, since that module's own evaluator runs programs of the host.
//
// A Machine is one attacker's; Run is one login to it. Programs are Commands,
// found by their path in the files; package command has them, package world the
// files. Nothing here reaches the host: what an attacker does costs bounded
// steps, memory, output and processes, and ends with his login.
//
// Level 2: it may import L0, L1, deception/persona, deception/service and
// shell/vfs. To add a builtin, write it in the builtin_*.go file of its family
// and enter it in the table in builtin.go; its cases go to testdata, where they
// are compared with a real bash.
package shell
