// Package match compiles regexes of RE2's syntax into programs that tell
// whether a match begins at one given place of a text, and where it and its
// groups end. It is what the detection engine runs at the places where a
// literal of a rule stands: most of them are turned down at the first or second
// byte, and the rest are followed by byte classes in tight loops.
//
// A program agrees with package regexp on the match and on every group (Perl's
// priorities: the first alternative that leads to a match wins). It backtracks,
// but only where what follows a repetition can begin with what is repeated, and
// within a number of steps that the caller sets: a try that spends them is given
// up and said to be, so that no text costs more than that. The caller then asks
// package regexp, which takes linear time.
//
// What comes late in a match may be known early: behind the name of a provider and
// all that may stand between there has to be a run of so many digits (need.go).
// Such a run is looked for before what stands between is tried.
//
// How a text can go on behind a literal that matches begin with or hold is known
// even before a program is run (outlook.go): a small automaton over the next eight
// bytes, drawn from the program, turns most such places down.
//
// It imports the standard library only. To add a kind of instruction: a
// constant in program.go, its lowering in compile.go, what it can begin with in
// follow.go, its execution in machine.go; the fuzz targets compare all of it
// with package regexp.
package match
