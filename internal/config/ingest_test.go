package config

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestIngestIsChecked(t *testing.T) {
	tests := map[string]struct{ yaml, want string }{
		"all of it": {`{syslog: {udp: "0.0.0.0:514", tcp: "[::]:514", tls: {listen: "0.0.0.0:6514", cert: c, key: k, client_ca: a}, allow: [10.0.0.0/8]},
			files: [{id: auth, path: /var/log/auth.log, parsers: [sshd, pam]}, {id: web, path: /var/log/nginx/access.log}]}`, ""},
		"this machine only":             {`{syslog: {udp: "127.0.0.1:5514", tcp: "localhost:5514", tls: {listen: "[::1]:6514", cert: c, key: k}}}`, ""},
		"open to all":                   {`{syslog: {udp: "0.0.0.0:514"}}`, "ingest.syslog.udp: 0.0.0.0:514 is open to other machines; name those that may send in ingest.syslog.allow"},
		"open to all by TLS":            {`{syslog: {tls: {listen: "10.1.2.3:6514", cert: c, key: k}}}`, "ingest.syslog.tls.listen: 10.1.2.3:6514 is open"},
		"no address":                    {`{syslog: {tcp: "514"}}`, `ingest.syslog.tcp: "514" is not HOST:PORT`},
		"no network":                    {`{syslog: {allow: [example.test]}}`, "ingest.syslog.allow[0]"},
		"TLS without a certificate":     {`{syslog: {tls: {listen: "127.0.0.1:6514"}}}`, "ingest.syslog.tls: give cert and key"},
		"a certificate without address": {`{syslog: {tls: {cert: c, key: k}}}`, "ingest.syslog.tls: give listen"},
		"no such parser":                {`{syslog: {parsers: [cron]}}`, `ingest.syslog.parsers: "cron" is not one of nginx, pam, sshd`},
		"a file's parser":               {`{files: [{id: a, path: /x, parsers: [apache]}]}`, `ingest.files[0].parsers: "apache" is not one of`},
		"two of one name":               {`{files: [{id: a, path: /x}, {id: a, path: /y}]}`, `ingest.files[1].id: "a" is taken`},
		"a name that is a path":         {`{files: [{id: ../a, path: /x}]}`, "ingest.files[0].id"},
		"no absolute path":              {`{files: [{id: a, path: auth.log}]}`, `ingest.files[0].path: "auth.log" is no absolute path`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte("ingest: "+tt.yaml), func(string) (string, bool) { return "", false })
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestWhoMaySend(t *testing.T) {
	got := Syslog{Allow: []string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}}.Networks()
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")}
	if !slices.Equal(got, want) {
		t.Errorf("networks %v", got)
	}
	for _, p := range (Syslog{}).Networks() {
		if !p.Addr().IsLoopback() {
			t.Errorf("without a list %s may send", p)
		}
	}
}
