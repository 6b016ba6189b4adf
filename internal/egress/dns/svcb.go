package dns

import (
	"encoding/binary"

	"golang.org/x/net/dns/dnsmessage"
)

// withoutSecrecy takes out of an HTTPS or SVCB record (RFC 9460) what leads around
// the gateway: the keys of Encrypted Client Hello, with which TLS would hide the
// name that it is for, addresses, which nobody has judged, and HTTP/3, which goes
// by UDP and has no way out. ok is false if the record makes no sense without it.
func withoutSecrecy(r dnsmessage.SVCBResource) (_ dnsmessage.SVCBResource, ok bool) {
	params := make([]dnsmessage.SVCParam, 0, len(r.Params))
	for _, p := range r.Params {
		switch p.Key {
		case dnsmessage.SVCParamECH, dnsmessage.SVCParamIPv4Hint, dnsmessage.SVCParamIPv6Hint:
			continue
		case dnsmessage.SVCParamMandatory:
			if needsRemoved(p.Value) {
				return r, false
			}
		case dnsmessage.SVCParamALPN:
			if p.Value = withoutHTTP3(p.Value); len(p.Value) == 0 {
				return r, false
			}
		}
		params = append(params, p)
	}
	r.Params = params
	return r, true
}

// needsRemoved reports whether a list of mandatory keys has one that is taken out.
func needsRemoved(keys []byte) bool {
	for ; len(keys) >= 2; keys = keys[2:] {
		switch dnsmessage.SVCParamKey(binary.BigEndian.Uint16(keys)) {
		case dnsmessage.SVCParamECH, dnsmessage.SVCParamIPv4Hint, dnsmessage.SVCParamIPv6Hint:
			return true
		}
	}
	return false
}

// withoutHTTP3 keeps of a list of protocols, each with its length before it, those
// that run over TCP.
func withoutHTTP3(list []byte) (out []byte) {
	for len(list) > 0 {
		n := 1 + int(list[0])
		if n > len(list) {
			return nil
		}
		if name := string(list[1:n]); name != "h3" && (len(name) < 3 || name[:3] != "h3-") {
			out = append(out, list[:n]...)
		}
		list = list[n:]
	}
	return out
}
