// Package command has the programs of a decky's machine: what coreutils,
// procps, util-linux, iproute2 and the others of Debian 12 do, over the virtual
// file system of one attacker. Options, layouts and error texts are those of
// bookworm's versions; the tests run the real programs beside these and compare.
//
// To add a program, write a function of type shell.Command in the file of its
// family, enter it in that file's table, and add its cases to the tests. Read
// options with options, files with the helpers of files.go, call Step in every
// loop whose length an attacker decides, and Hold for what the program keeps of
// what it reads; hold and lineReader of text.go do both. A program that would reach out
// records what it was told to get and fails as a machine behind a closed gate
// does.
//
// Level 2: it may import L0, deception/persona, deception/service,
// deception/shell and the packages below it.
package command

import (
	"maps"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// table is the programs of one family.
type table = map[string]shell.Command

// All returns every program by the name of its file.
func All() map[string]shell.Command {
	all := table{}
	for _, t := range families() {
		maps.Copy(all, t)
	}
	return all
}
