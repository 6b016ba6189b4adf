// Package when judges the conditions of a policy's rules, which are written in CEL
// (Common Expression Language, https://cel.dev): a language without loops of its
// own, without state, and without a way to anything outside.
//
//	p, err := policy.Parse(document, policy.WithConditions(when.New()))
//
// # What a condition may ask
//
// host, address, protocol, method, path and entry are texts, port is a number, tls
// is true or false. program has exe, cmdline, cwd, user and jail. time has hour,
// minute, weekday (mon to sun) and now, in UTC; time.at("+01:00") is the same
// moment on another clock. address.within("10.0.0.0/8") compares an address. The
// rest is CEL's own: && || ! == < in, startsWith, matches (RE2), exists and so on.
//
// # What cannot be answered
//
// What is not known yet (the address before a name was resolved, the method before
// the first byte) leaves a condition undecided, unless the rest decides it. What
// never will be known (the method inside TLS, the program of another machine) is an
// error, and so is everything that costs too much: a rule of the allowlist then
// does not apply, one of the denylist does. has(program.exe) asks whether a field
// of program is known.
//
// # Bounds
//
// An expression is compiled once, when the policy is read: types, literals and the
// worst cost of running it are checked there. Running it is counted in CEL's units
// of cost and stopped at the same bound. Patterns have to stand in the expression,
// and so do zones and CIDRs; nothing that a client sends is ever compiled.
//
// # Adding to it
//
// A variable is a line in variables and one in request.ResolveName; a field of
// program or time is a line in its list of fields. The package imports policy and
// CEL, and is the only one that imports CEL: package policy must not, so that
// programs without conditions do not link it.
package when
