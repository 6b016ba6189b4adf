package wsframe

import (
	"errors"
	"strconv"
	"strings"
)

// Params are what two ends agreed on about compression (RFC 7692, 7.1).
type Params struct {
	On bool // permessage-deflate is used
	// ClientTakeover says that a message of the client may refer to those before,
	// ServerTakeover that one of the server may.
	ClientTakeover, ServerTakeover bool
}

// deflateName is the one extension that can be looked into.
const deflateName = "permessage-deflate"

// The errors of Negotiated.
var (
	errExtension = errors.New("the server uses an extension of WebSocket that cannot be looked into")
	errUnasked   = errors.New("the server uses an extension of WebSocket that the client did not offer")
	errParams    = errors.New("the server's word on permessage-deflate can be read in two ways")
)

// Negotiated reads what was agreed on out of the values of Sec-WebSocket-Extensions,
// of the request and of its answer. An error means that nobody can tell how messages
// will be written.
func Negotiated(offers, answers []string) (Params, error) {
	agreed := elements(strings.Join(answers, ","))
	if len(agreed) == 0 {
		return Params{}, nil
	}
	name, params, more := cut(agreed[0])
	switch {
	case len(agreed) > 1 || name != deflateName:
		return Params{}, errExtension
	case !offered(offers):
		return Params{}, errUnasked
	}
	if !more {
		return Params{On: true, ClientTakeover: true, ServerTakeover: true}, nil
	}
	return deflateParams(params)
}

// offered reports whether the client offered permessage-deflate.
func offered(offers []string) bool {
	for _, o := range elements(strings.Join(offers, ",")) {
		if name, _, _ := cut(o); name == deflateName {
			return true
		}
	}
	return false
}

// elements splits a list; no value of an extension that we know has a comma.
func elements(list string) (all []string) {
	for e := range strings.SplitSeq(list, ",") {
		if e = strings.Trim(e, " \t"); e != "" {
			all = append(all, e)
		}
	}
	return all
}

func cut(element string) (name, params string, more bool) {
	name, params, more = strings.Cut(element, ";")
	return strings.ToLower(strings.Trim(name, " \t")), params, more
}

// deflateParams reads the parameters of an answer; each may be there once.
func deflateParams(text string) (Params, error) {
	p := Params{On: true}
	seen := map[string]bool{}
	for param := range strings.SplitSeq(text, ";") {
		name, value, valued := strings.Cut(strings.Trim(param, " \t"), "=")
		name = strings.ToLower(name)
		if seen[name] || !known(name, value, valued) {
			return Params{}, errParams
		}
		seen[name] = true
	}
	p.ClientTakeover, p.ServerTakeover = !seen["client_no_context_takeover"], !seen["server_no_context_takeover"]
	return p, nil
}

// known holds a parameter to RFC 7692, 7.1.1 and 7.1.2.
func known(name, value string, valued bool) bool {
	switch name {
	case "client_no_context_takeover", "server_no_context_takeover":
		return !valued
	case "client_max_window_bits", "server_max_window_bits":
		bits, err := strconv.Atoi(strings.Trim(value, `"`))
		return err == nil && bits >= 8 && bits <= 15
	}
	return false
}
