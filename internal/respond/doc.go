// Package respond is what Cordon does about what it saw. It keeps the block list:
// addresses and networks that firewalls pull and turn away, each with who asked for
// it, why and until when; and it follows the event log and does what playbooks say.
//
// block.go says what an entry is and what may be one; shield.go what never may:
// addresses of this machine, the networks of respond.never, and those that operators
// come from; list.go keeps the list; export.go writes it for those who pull it.
//
// playbook/ reads playbooks; action.go is what one wants done, and its states;
// reactor.go proposes actions and carries out what is due; playbooks.go is for people
// who look at them and decide, undo.go for those who take back what was done. An action is stored together with the place in the log,
// and done afterwards: a crash repeats neither.
//
// # What it bounds
//
// MaxBlocks entries are in force at once, none longer than MaxBlock, none wider than a
// /16 (of IPv6: a /32). Whoever became an operator after an address was blocked is
// left out when the list is given out; while nobody can say who the operators are,
// no list is given out: a firewall keeps the one that it has.
//
// A playbook has so many actions within an hour, and what is more is counted.
//
// To add an action, see package playbook; what does it is a case of do in reactor.go, and
// what takes it back one of reverse in undo.go, or a reason in mayUndo why nothing can.
//
// To add a form in which the list is pulled: a function in export.go, its name in the
// API's listBlocks.
//
// Level 2: it may import L0 and L1.
package respond
