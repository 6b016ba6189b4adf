// Package regex matches regular expressions that an attacker chose in texts that
// he chose, too. The library's regexp takes time in proportion to the text times
// the expression, to find all matches that times the text again, and once it has
// begun nothing ends it: a line of three megabytes kept a processor for hours. So
// here an expression has a bound, what a search costs is paid while it goes on, and
// who does not let it go on ends it.
//
// The answers are those of regexp. A search that cannot become long is regexp's
// own; every other is made by the machine in machine.go. To change what is an
// expression, change the translators of those who call Compile.
//
// Level 2: it imports the standard library alone.
package regex
