package sshd

import (
	"net/netip"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// The reasons of refusals.
const (
	noSuchUser      = "invalid_user" // who does not exist, or may not log in
	tooManyAttempts = "too_many_attempts"
	leftBefore      = "left" // without a password
)

// The forms are those of auth.c, auth2.c and packet.c of OpenSSH 9.2. The user's
// name is whatever a client sent, spaces and whole forms included, so each is
// read from its end, where the server wrote the address.

// result is "Failed METHOD for [invalid user ]USER from ADDRESS port PORT ssh2",
// and the same with Accepted. Only what was guessed is a failure: a client offers
// every key that it has.
func result(text string) (l line, ok bool) {
	verb, rest, _ := strings.Cut(text, " ")
	method, rest, ok := strings.Cut(rest, " for ")
	if !ok || strings.Contains(method, " ") {
		return l, false
	}
	l = line{kind: parse.AuthFailed, method: method}
	switch {
	case verb == "Accepted":
		l.kind = parse.AuthSucceeded
		rest, _, _ = strings.Cut(rest, " ssh2") // a key's name follows; the user exists, and chose no name with spaces
	case verb == "Failed" && (method == "password" || strings.HasPrefix(method, "keyboard-interactive")):
		if rest, ok = strings.CutSuffix(rest, " ssh2"); !ok {
			return l, false
		}
		rest, l.invalid = strings.CutPrefix(rest, "invalid user ")
	default:
		return l, false
	}
	l.user, l.from, ok = cutPeer(rest, " from ")
	return l, ok
}

// unknownUser is "Invalid user USER from ADDRESS port PORT".
func unknownUser(text string) (l line, ok bool) {
	rest, ok := strings.CutPrefix(text, "Invalid user ")
	if !ok {
		return l, false
	}
	l = line{kind: parse.AuthFailed, reason: noSuchUser}
	l.user, l.from, ok = cutPeer(rest, " from ")
	return l, ok
}

// tooMany is "maximum authentication attempts exceeded for [invalid user ]USER
// from ADDRESS port PORT ssh2".
func tooMany(text string) (l line, ok bool) {
	rest, ok := strings.CutPrefix(text, "maximum authentication attempts exceeded for ")
	if !ok {
		return l, false
	}
	rest, l.invalid = strings.CutPrefix(strings.TrimSuffix(rest, " ssh2"), "invalid user ")
	l.kind, l.reason, l.sums = parse.AuthFailed, tooManyAttempts, true
	l.user, l.from, ok = cutPeer(rest, " from ")
	return l, ok
}

// leaving is how a connection ends of somebody who was not let in:
// "Connection closed by authenticating user USER ADDRESS port PORT" and the like.
func leaving(text string) (l line, ok bool) {
	for _, begin := range []string{"Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting "} {
		rest, is := strings.CutPrefix(text, begin)
		if !is {
			continue
		}
		l = line{kind: parse.AuthFailed, reason: leftBefore, sums: true, ends: true}
		if rest, ok = strings.CutSuffix(rest, ": Too many authentication failures"); ok {
			l.reason = tooManyAttempts
		}
		if rest, l.invalid = strings.CutPrefix(rest, "invalid user "); !l.invalid {
			if rest, ok = strings.CutPrefix(rest, "authenticating user "); !ok {
				return l, false
			}
		}
		l.user, l.from, ok = cutPeer(rest, " ")
		return l, ok
	}
	return l, false
}

// cutPeer takes "ADDRESS port PORT", and what is before it, off the end.
func cutPeer(s, before string) (user string, from netip.AddrPort, ok bool) {
	const word = " port "
	at := strings.LastIndex(s, word)
	if at < 0 {
		return "", from, false
	}
	number, err := strconv.ParseUint(s[at+len(word):], 10, 16)
	s = s[:at]
	if at = strings.LastIndex(s, before); err != nil || at < 0 {
		return "", from, false
	}
	addr, err := netip.ParseAddr(s[at+len(before):])
	return s[:at], netip.AddrPortFrom(addr.Unmap().WithZone(""), uint16(number)), err == nil
}

func port(a netip.AddrPort) string { return strconv.Itoa(int(a.Port())) }
