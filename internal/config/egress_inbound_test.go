package config

import (
	"strings"
	"testing"
)

func TestDoorsForWebSockets(t *testing.T) {
	const good = "listen: 127.0.0.1:8443, to: '127.0.0.1:9000'"
	for text, want := range map[string]string{
		good: "",
		good + ", tokens: [{subject: ci, token: 'env:CI'}]":                               "",
		"listen: 127.0.0.1:1, to: '10.0.0.7:80'":                                          "",
		"listen: 127.0.0.1:1, to: '[::1]:80'":                                             "",
		"listen: here, to: '127.0.0.1:9000'":                                              `egress.inbound[0].listen: "here" is not HOST:PORT`,
		"listen: 127.0.0.1:1, to: 'localhost:9000'":                                       `to: "localhost:9000" is not ADDRESS:PORT`,
		"listen: 127.0.0.1:1, to: '203.0.113.1:80'":                                       "to: 203.0.113.1 is neither this machine nor",
		"listen: 127.0.0.1:1, to: '169.254.169.254:80'":                                   "is neither this machine nor",
		good + ", tokens: [{subject: ci, token: given}]":                                  "tokens[0].token: give it as file:PATH or env:NAME",
		good + ", tokens: [{subject: a b, token: 'env:A'}]":                               "tokens[0].subject: use 1 to 64",
		good + ", tokens: [{subject: ci, token: 'env:A'}, {subject: ci, token: 'env:B'}]": `tokens[1].subject: "ci" is there twice`,
	} {
		_, err := Parse([]byte("data: {dir: /d}\negress: {inbound: [{"+text+"}]}\n"), nothing)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
