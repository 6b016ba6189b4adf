package egress

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
)

// Token is how somebody is known who opens a WebSocket.
type Token struct {
	Subject string   // who has it, for the record and the program
	Hash    [32]byte // SHA-256 of the token
}

// tokenProtocol begins the subprotocol by which a page says its token: the API of
// browsers lets it write no other field.
const tokenProtocol = "cordon.bearer."

// recognise returns who comes, by the one token that he shows, in Authorization or as
// a subprotocol; empty when nobody is known by it. What held the token is taken out
// of the request: it is not for the program.
func (in *Inbound) recognise(h *http1.Head) (subject string) {
	var shown []string
	for i := range h.Fields {
		f := &h.Fields[i]
		switch {
		case http1.EqualFold(f.Name, "authorization"):
			if scheme, token, ok := strings.Cut(string(f.Value), " "); ok && strings.EqualFold(scheme, "bearer") && in.owner(strings.Trim(token, " ")) != "" {
				shown = append(shown, strings.Trim(token, " "))
				f.Drop = true
			}
		case http1.EqualFold(f.Name, "sec-websocket-protocol"):
			rest, token := cutToken(string(f.Value))
			f.Value, f.Drop = []byte(rest), rest == ""
			shown = append(shown, token...)
		}
	}
	if len(shown) != 1 {
		return ""
	}
	return in.owner(shown[0])
}

// cutToken takes the tokens out of a list of subprotocols.
func cutToken(list string) (rest string, tokens []string) {
	var kept []string
	for p := range strings.SplitSeq(list, ",") {
		p = strings.Trim(p, " \t")
		if token, ok := strings.CutPrefix(p, tokenProtocol); ok {
			tokens = append(tokens, token)
		} else {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", "), tokens
}

// owner returns whose token it is. It takes the same time for each.
func (in *Inbound) owner(token string) (subject string) {
	hash := sha256.Sum256([]byte(token))
	for _, t := range in.Tokens {
		if subtle.ConstantTimeCompare(hash[:], t.Hash[:]) == 1 {
			subject = t.Subject
		}
	}
	return subject
}

// comes notes who opens a WebSocket, and from which page.
func (f *flow) comes(origins []string, subject string) {
	origin := ""
	if len(origins) == 1 {
		origin, _ = policy.NormalOrigin(origins[0]) // what is none is not kept
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.origin, f.subject = origin, subject
}

// admitted notes what was decided of a WebSocket from outside, and how it is decided
// again.
func (f *flow) admitted(d policy.Decision, again func() policy.Decision) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.decision, f.admit = d, again
}
