package egress

import (
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// spellings name a denied host in ways that a sloppy comparison lets pass.
func spellings() []escape {
	rows := [][2]string{
		{"a host that no rule names", "http://evil.example/"},
		{"the allowed name as a prefix", "http://allowed.example.evil.example/"},
		{"the allowed name as a suffix", "http://evilallowed.example/"},
		{"the apex of a wildcard", "http://below.example/"},
		{"a name that ends like a wildcard", "http://abelow.example/"},
		{"a final dot", "http://evil.example./"},
		{"upper case", "http://EVIL.EXAMPLE/"},
		{"the allowed host in the path", "http://evil.example/allowed.example"},
		{"the allowed host in the query", "http://evil.example?allowed.example"},
		{"the allowed host in the port's place", "http://evil.example:80/http://allowed.example/"},
	}
	var all []escape
	for _, r := range rows {
		all = append(all, escape{r[0], "http", wants(r[1]), policy.ReasonDefaultPolicy})
	}
	return append(all, badSpellings()...)
}

func badSpellings() []escape {
	rows := [][2]string{
		{"user information that looks like the allowed host", "http://allowed.example@evil.example/"},
		{"user information before the allowed host", "http://evil.example:80@allowed.example/"},
		{"a backslash behind the host", `http://evil.example\@allowed.example/`},
		{"a percent-encoded host", "http://%65vil.example/"},
		{"a percent-encoded NUL in the host", "http://allowed.example%00.evil.example/"},
		{"an IPv6 zone", "http://[fe80::1%25eth0]/"},
		{"brackets around a name", "http://[evil.example]/"},
		{"IPv6 without brackets", "http://::1/"},
		{"two ports", "http://evil.example:80:80/"},
		{"an empty host", "http:///x"},
		{"an empty label", "http://evil..example/"},
		{"a number that is no IPv4 address", "http://0x1ffffffff/"},
		{"a port that is no number", "http://allowed.example:80x/"},
		{"a port with a leading zero", "http://allowed.example:080/"},
		{"port 0", "http://allowed.example:0/"},
		{"port 65616, which is 80 in 16 bits", "http://allowed.example:65616/"},
		{"https:// without a tunnel", "https://evil.example/"},
		{"ftp:// through the proxy", "ftp://evil.example/"},
		{"a path only, with the host in its field", "/"},
		{"an asterisk", "*"},
		{"a scheme without slashes", "http:evil.example"},
	}
	var all []escape
	for _, r := range rows {
		all = append(all, escape{r[0], "http", wants(r[1]), ReasonBadRequest})
	}
	return all
}

// addressEscapes name or resolve to places that no name may lead to.
func addressEscapes() []escape {
	all := []escape{}
	for _, a := range []string{"169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518", "0xa9.0xfe.0xa9.0xfe", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[fd00:ec2::254]", "[fe80::1]", "168.63.129.16", "100.100.100.200", "metadata.google.internal", "METADATA.google.internal."} {
		all = append(all, escape{"the metadata service as " + a, "http", wants("http://" + a + "/latest/"), policy.ReasonMetadataAddress})
	}
	for _, a := range []string{"127.0.0.1", "127.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "localhost", "a.localhost", "0.0.0.0", "0", "[::]", "10.0.0.1", "192.168.0.1", "[fd00::1]"} {
		all = append(all, escape{"this machine or its network as " + a, "http", wants("http://" + a + "/"), policy.ReasonDefaultPolicy})
	}
	for _, a := range []string{"127.0.0.1", "10.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1"} {
		all = append(all, escape{"an allowed name that resolves to " + a, "tunnel", turned(a), policy.ReasonPrivateAddress})
	}
	for _, a := range []string{"169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"} {
		all = append(all, escape{"an allowed name that resolves to " + a, "tunnel", turned(a), policy.ReasonMetadataAddress})
	}
	return all
}

// turned makes an allowed name resolve to an address, and asks for it.
func turned(a string) func(*raw) {
	return func(c *raw) {
		c.w.name("turned.example", a)
		if strings.HasSuffix(c.t.Name(), "socks5") {
			socksTo("turned.example", 80)(c)
			return
		}
		connects("turned.example:80")(c)
	}
}

// requests say one thing in one place and another elsewhere.
func requests() []escape {
	line := "GET http://allowed.example/ HTTP/1.1\r\n"
	return []escape{
		{"another host in the Host field", "http", sends(line + "Host: evil.example\r\n\r\n"), ReasonBadRequest},
		{"the allowed host in the Host field only", "http", sends("GET http://evil.example/ HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonBadRequest},
		{"another port in the Host field", "http", sends(line + "Host: allowed.example:8080\r\n\r\n"), ReasonBadRequest},
		{"two Host fields", "http", sends(line + "Host: allowed.example\r\nHost: evil.example\r\n\r\n"), ReasonBadRequest},
		{"an empty Host field", "http", sends(line + "Host:\r\n\r\n"), ReasonBadRequest},
		{"no Host field", "http", sends(line + "\r\n"), ReasonBadRequest},
		{"a folded Host field", "http", sends(line + "Host: allowed.example\r\n evil.example\r\n\r\n"), ReasonBadRequest},
		{"a list in the Host field", "http", sends(line + "Host: allowed.example, evil.example\r\n\r\n"), ReasonBadRequest},
		{"a path in the Host field", "http", sends(line + "Host: allowed.example/evil\r\n\r\n"), ReasonBadRequest},
		{"TRACE", "http", sends("TRACE http://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonUnsupported},
		{"TRACK", "http", sends("TRACK http://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonUnsupported},
		{"OPTIONS *", "http", sends("OPTIONS * HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonBadRequest},
		{"Max-Forwards: 0", "http", with("Max-Forwards: 0"), ReasonUnsupported},
		{"an upgrade to WebSocket where a rule has HTTP only", "http", with("Connection: Upgrade", "Upgrade: websocket"), policy.ReasonProtocol},
		{"an upgrade with a body", "http", with("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 1", "", "x"), ReasonBadRequest},
		{"HTTP/2 to the proxy", "http", sends("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ReasonBadRequest},
		{"HTTP/0.9", "http", sends("GET http://evil.example/\r\n\r\n"), ReasonBadRequest},
		{"TLS to the proxy", "http", sends(helloFor("allowed.example")), ReasonUnsupported},
		{"an allowed host on another port", "http", wants("http://allowed.example:8080/"), policy.ReasonPort},
		{"a rule that has expired", "http", wants("http://old.example/"), policy.ReasonExpired},
		{"a host of the denylist", "http", wants("http://listed.example/"), policy.ReasonDenylist},
	}
}

// smuggling is what two readers understand in two ways.
func smuggling() []escape {
	hidden := "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"
	rows := map[string]func(*raw){}
	names := []string{}
	add := func(name string, lines ...string) { rows[name] = with(lines...); names = append(names, name) }
	add("Content-Length and Transfer-Encoding", "Content-Length: 5", "Transfer-Encoding: chunked", "", "0", "", hidden)
	add("two Content-Lengths", "Content-Length: 0", "Content-Length: 60", "", hidden)
	add("two equal Content-Lengths", "Content-Length: 0", "Content-Length: 0")
	add("a list as Content-Length", "Content-Length: 0, 60", "", hidden)
	add("a signed Content-Length", "Content-Length: +0", "", hidden)
	add("Transfer-Encoding twice", "Transfer-Encoding: chunked", "Transfer-Encoding: identity", "", "0", "", hidden)
	add("an unknown Transfer-Encoding", "Transfer-Encoding: xchunked", "", "0", "", hidden)
	add("gzip as Transfer-Encoding", "Transfer-Encoding: gzip, chunked", "", "0", "", hidden)
	add("white space before the colon", "Transfer-Encoding : chunked", "", "0", "", hidden)
	add("a folded Transfer-Encoding", "Transfer-Encoding:", " chunked", "", "0", "", hidden)
	add("NUL in a field", "X: a\x00b")
	add("a bare CR in a field", "X: a\rTransfer-Encoding: chunked")
	add("a bare LF in a field", "X: a\nTransfer-Encoding: chunked")
	add("a field without a colon", "Transfer-Encoding chunked")
	add("Connection that names Host", "Connection: Host")
	add("Connection that names Transfer-Encoding", "Connection: close, Transfer-Encoding", "Transfer-Encoding: chunked", "", "0", "")
	add("Connection that names Authorization", "Connection: Authorization", "Authorization: x")
	add("Expect of something else", "Expect: 100-continue, x")
	add("too many fields", strings.Repeat("X: a\r\n", 300)+"X: a")
	add("a field without end", "X: "+strings.Repeat("a", 70<<10))
	var all []escape
	for _, n := range names {
		all = append(all, escape{"smuggling: " + n, "http", rows[n], ReasonBadRequest})
	}
	return append(all,
		escape{"smuggling: HTTP/1.0 with Transfer-Encoding", "http", sends("POST http://allowed.example/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ReasonBadRequest},
		escape{"smuggling: a request line without end", "http", wants("http://allowed.example/" + strings.Repeat("a", 20<<10)), ReasonBadRequest},
		escape{"smuggling: spaces in the request line", "http", sends("GET http://allowed.example/ http://evil.example/ HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonBadRequest},
		escape{"smuggling: a tab in the request line", "http", sends("GET\thttp://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\n\r\n"), ReasonBadRequest},
	)
}

// limits go round what a rule says of methods and paths.
func limits() []escape {
	all := []escape{
		{"another method", "http", api("POST", "/v1/x", "Content-Length: 0"), policy.ReasonMethod},
		{"a method in lower case", "http", api("get", "/v1/x"), policy.ReasonMethod},
		{"a method in a field", "http", api("GET", "/v1/x", "X-HTTP-Method-Override: DELETE"), policy.ReasonMethod},
		{"a method in another field", "http", api("GET", "/v1/x", "x-method-override: delete"), policy.ReasonMethod},
		{"a path in a field", "http", api("GET", "/v1/x", "X-Original-URL: /admin"), policy.ReasonPath},
		{"a path in another field", "http", api("GET", "/v1/x", "X-Rewrite-URL: /v1/../admin"), policy.ReasonPath},
		{"a method in a field with underscores", "http", api("GET", "/v1/x", "X_HTTP_Method-Override: DELETE"), policy.ReasonMethod},
		{"a path in a field with underscores", "http", api("GET", "/v1/x", "X_Original_URL: /admin"), policy.ReasonPath},
	}
	for _, p := range []string{"/", "/v2", "/v10", "/V1", "/v1/../admin", "/v1/%2e%2e/admin", "/v1/..;/admin", "/v1//admin", `/v1\..\admin`, "/v1/%2fadmin", "/v1/%5cadmin", "/v1/%252e%252e/admin", "/v1;x/../admin", "/v1/%zz", "//v1", "/./v2"} {
		all = append(all, escape{"the path `" + p + "` where a rule has /v1", "http", api("GET", p), policy.ReasonPath})
	}
	return all
}
