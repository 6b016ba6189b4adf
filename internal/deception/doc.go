// Package deception is the third sensor: deckies, hosts that nobody has a
// reason to touch, with services that tell everything their clients do. A
// Fleet opens the doors of the deckies that are wanted, bounds who comes in,
// and gives each client a service.Session.
//
// A service is a folder below service/ and a line in internal/app. What a decky
// claims to be is in persona/; what an attacker finds behind a login is in
// shell/.
//
// Level 2: it may import L0 and L1.
package deception
