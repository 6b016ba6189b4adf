package policy_test

import (
	"cmp"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func parse(t *testing.T, doc string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// asked reads a request as the scenarios write it: "GET https://host/path", or
// HOST:PORT, then words: =ADDRESS to be dialed, a protocol, tls, exe=..., at=...,
// leak.
func asked(t *testing.T, line string) policy.Request {
	t.Helper()
	words := strings.Fields(line)
	n := 1
	if len(words) > 1 && strings.Contains(words[1], "://") {
		n = 2
	}
	r, err := policy.ParseRequest(strings.Join(words[:n], " "))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, w := range words[n:] {
		key, val, _ := strings.Cut(w, "=")
		switch key {
		case "":
			r.Address = netip.MustParseAddr(val)
		case "tls":
			r.TLS, r.Protocol = true, cmp.Or(r.Protocol, policy.TLS)
		case "exe":
			r.Program.Exe = val
		case "cmd":
			r.Program.Cmdline = strings.ReplaceAll(val, "_", " ")
		case "cwd":
			r.Program.Cwd = val
		case "user":
			r.Program.User = val
		case "at":
			if r.Time, err = time.Parse(time.RFC3339, val); err != nil {
				t.Fatal(err)
			}
		case "calls":
			r.Tools = strings.Split(val, ",")
		case "hidden":
			r.Method, r.Path = "", ""
		default:
			r.Protocol = policy.Protocol(w)
		}
	}
	return r
}

const scenarios = `
# names and suffixes
host: api.example.com
  api.example.com:443                 allow rule
  api.example.com:1                   allow rule
  www.api.example.com:443             deny default_policy
  example.com:443                     deny default_policy
  xapi.example.com:443                deny default_policy
  api.example.com.evil.net:443        deny default_policy
host: '*.example.com'
  a.example.com:443                   allow rule
  a.b.c.example.com:443               allow rule
  example.com:443                     deny default_policy
  notexample.com:443                  deny default_policy
  example.com.evil.net:443            deny default_policy
host: '*'
  anything.example:443                allow rule
  anything.example:443 =10.0.0.1      deny private_address
  8.8.8.8:53                          deny default_policy
host: bücher.example
  xn--bcher-kva.example:443           allow rule
  BÜCHER.example.:443                 allow rule

# ports
{host: a.example, ports: [443, 8000-8099]}
  a.example:443                       allow rule
  a.example:8000                      allow rule
  a.example:8099                      allow rule
  a.example:8100                      deny port_mismatch
  a.example:22                        deny port_mismatch

# addresses
host: 192.0.2.7
  192.0.2.7:443                       allow rule
  192.0.2.8:443                       deny default_policy
  0xc0000207:443                      allow rule
  [::ffff:192.0.2.7]:443              allow rule
  a.example:443 =192.0.2.7            deny default_policy
host: 198.51.100.0/24
  198.51.100.0:1                      allow rule
  198.51.100.255:1                    allow rule
  198.51.101.0:1                      deny default_policy
host: 2001:db8::/32
  [2001:db8::5]:443                   allow rule
  [2001:db9::5]:443                   deny default_policy
host: 0.0.0.0/0
  9.9.9.9:53                          allow rule
  10.0.0.1:53                         deny private_address
  127.0.0.1:53                        deny private_address
  [2001:4860::8888]:53                deny default_policy
host: ::/0
  [2001:4860::8888]:53                allow rule
  9.9.9.9:53                          deny default_policy
  [fd12::1]:53                        deny private_address

# where a name leads: rebinding and request forgery
host: a.example
  a.example:443 =9.9.9.9              allow rule
  a.example:443 =127.0.0.1            deny private_address
  a.example:443 =::1                  deny private_address
  a.example:443 =::ffff:127.0.0.1     deny private_address
  a.example:443 =10.0.0.9             deny private_address
  a.example:443 =172.31.255.255       deny private_address
  a.example:443 =172.32.0.0           allow rule
  a.example:443 =192.168.1.1          deny private_address
  a.example:443 =100.64.0.1           deny private_address
  a.example:443 =198.19.0.1           deny private_address
  a.example:443 =0.0.0.0              deny private_address
  a.example:443 =0.1.2.3              deny private_address
  a.example:443 =::                   deny private_address
  a.example:443 =224.0.0.1            deny private_address
  a.example:443 =255.255.255.255      deny private_address
  a.example:443 =fd12:3456::1         deny private_address
  a.example:443 =fec0::1              deny private_address
  a.example:443 =ff02::1              deny private_address
  a.example:443 =64:ff9b::a00:1       deny private_address
  a.example:443 =64:ff9b::808:808     allow rule
  a.example:443 =64:ff9b:1::808:808   deny private_address
  a.example:443 =2002:0a00:0001::1    deny private_address
  a.example:443 =2002:0808:0808::1    allow rule
  a.example:443 =::10.0.0.1           deny private_address
  a.example:443 =::ffff:0:10.0.0.1    deny private_address
  a.example:443 =2001:0:808:808:0:0:f5ff:fffe    deny private_address
  a.example:443 =2001:db8::5efe:10.0.0.1         deny private_address
  a.example:443 =2001:db8::200:5efe:10.0.0.1     deny private_address
{host: a.example, addresses: [10.0.0.0/8]}
  a.example:443 =10.1.2.3             allow rule
  a.example:443 =192.168.1.1          deny private_address
  a.example:443 =9.9.9.9              allow rule
{host: a.example} {host: 10.0.0.0/8, ports: [5432]}
  a.example:5432 =10.1.2.3            allow rule
  a.example:5433 =10.1.2.3            deny private_address
  b.example:5432 =10.1.2.3            deny default_policy
  10.9.9.9:5432                       allow rule

# this machine
host: localhost
  localhost:80                        allow rule
  localhost:80 =127.0.0.1             allow rule
  localhost:80 =::1                   allow rule
  127.0.0.1:80                        allow rule
  127.8.9.1:80                        allow rule
  [::1]:80                            allow rule
  localhost:80 =9.9.9.9               deny bad_host
  a.localhost:80                      allow rule
  0.0.0.0:80                          deny default_policy
  a.example:80 =127.0.0.1             deny default_policy
host: 127.0.0.1
  localhost:80                        allow rule
  localhost:80 =127.0.0.1             allow rule
  localhost:80 =::1                   deny default_policy
  127.0.0.2:80                        deny default_policy

# metadata and link-local, whatever the rules
{host: '*'} {host: 0.0.0.0/0} {host: ::/0} {host: 169.254.0.0/16} {host: 169.254.169.254} {host: metadata.google.internal} {host: fd00:ec2::254} {host: 168.63.129.16} {host: 100.64.0.0/10}
  169.254.169.254:80                  deny metadata_address
  0xa9fea9fe:80                       deny metadata_address
  [::ffff:a9fe:a9fe]:80               deny metadata_address
  [64:ff9b::a9fe:a9fe]:80             deny metadata_address
  [64:ff9b:1::a9fe:a9fe]:80           deny metadata_address
  [64:ff9b:1:a9fe:a9:fe00::]:80       deny metadata_address
  [2002:a9fe:a9fe::]:80               deny metadata_address
  [::169.254.169.254]:80              deny metadata_address
  [2001:0:808:808:0:0:5601:5601]:80   deny metadata_address
  [2001:db8::5efe:a9fe:a9fe]:80       deny metadata_address
  [2002:a9fe:a9fe::5efe:8.8.8.8]:80   deny metadata_address
  [2002:808:808::5efe:a9fe:a9fe]:80   deny metadata_address
  [fe80::1]:80                        deny metadata_address
  [fd00:ec2::254]:80                  deny metadata_address
  [fd20:ce::254]:80                   deny metadata_address
  168.63.129.16:80                    deny metadata_address
  100.100.100.200:80                  deny metadata_address
  192.0.0.192:80                      deny metadata_address
  100.100.100.201:80                  allow rule
  metadata.google.internal:80         deny metadata_address
  METADATA.google.internal.:80        deny metadata_address
  metadata:80                         deny metadata_address
  a.example:80 =169.254.169.254       deny metadata_address
  a.example:80 =fe80::1%eth0          deny metadata_address

# protocols
{host: a.example, protocols: [https]}
  a.example:443                       allow rule
  https://a.example/                  allow rule
  a.example:443 tls                   allow rule
  a.example:443 http tls              allow rule
  http://a.example/                   deny protocol_mismatch
  a.example:443 ssh                   deny protocol_mismatch
  a.example:443 tcp                   deny protocol_mismatch
  a.example:443 quic                  deny protocol_mismatch
  wss://a.example/                    deny protocol_mismatch
{host: a.example, protocols: [tcp]}
  a.example:443 tcp                   allow rule
  a.example:443 ssh                   allow rule
  a.example:443 udp                   deny protocol_mismatch
{host: a.example, protocols: [tls]}
  https://a.example/                  allow rule
  postgres://a.example tls            allow rule
  postgres://a.example                deny protocol_mismatch
{host: a.example, protocols: [wss]}
  wss://a.example/chat                allow rule
  a.example:443 tls                   allow rule
  ws://a.example/chat                 deny protocol_mismatch
  https://a.example/                  deny protocol_mismatch
{host: a.example, protocols: [udp]}
  a.example:53 udp                    allow rule
  a.example:53 dns                    allow rule
  a.example:53 tcp                    deny protocol_mismatch
host: a.example
  a.example:443 never-heard-of        allow rule

# methods and paths
{host: a.example, methods: [GET, HEAD], paths: [/v1, /files/]}
  a.example:443                       allow rule
  GET https://a.example/v1            allow rule
  HEAD https://a.example/v1/x         allow rule
  GET https://a.example/files/a       allow rule
  GET https://a.example/files         deny path_mismatch
  GET https://a.example/v10           deny path_mismatch
  GET https://a.example/              deny path_mismatch
  POST https://a.example/v1           deny method_mismatch
  get https://a.example/v1            deny method_mismatch
  GET https://a.example/v1/../admin   deny path_mismatch
  GET https://a.example/v1/%2e%2e/admin deny path_mismatch
  GET https://a.example/v1%2fx        deny path_mismatch
  GET https://a.example/%76%31/x      allow rule
  GET https://a.example/v1//x         deny path_mismatch
  GET https://a.example/v1;a/x        deny path_mismatch
  a.example:443 tls                   deny request_unseen
  GET https://a.example/v1 hidden     deny request_unseen
  a.example:80 http                   allow rule
  CONNECT https://a.example/ tls      deny request_unseen
  a.example:22 ssh                    deny protocol_mismatch
  a.example:22 tcp                    deny protocol_mismatch

# programs
{host: a.example, programs: [/usr/bin/curl]}
  a.example:443 exe=/usr/bin/curl     allow rule
  a.example:443 exe=/tmp/curl         deny program_mismatch
  a.example:443                       deny program_mismatch
{host: a.example, programs: [curl, 'python*']}
  a.example:443 exe=/tmp/curl         allow rule
  a.example:443 exe=/usr/bin/python3.13   allow rule
  a.example:443 exe=/usr/bin/wget     deny program_mismatch
  a.example:443                       deny program_mismatch
{host: a.example, programs: [{exe: '/opt/*/bin/agent', cmdline: '* --job *', cwd: /srv/app, user: deploy}]}
  a.example:443 exe=/opt/a/bin/agent cmd=agent_--job_7 cwd=/srv/app/x user=deploy   allow rule
  a.example:443 exe=/opt/a/bin/agent cmd=agent_--job_7 cwd=/srv/app/../x user=deploy   deny program_mismatch
  a.example:443 exe=/opt/a/bin/agent cmd=agent_--job_7 cwd=/srv/apple user=deploy   deny program_mismatch
  a.example:443 exe=/opt/a/bin/agent cmd=agent cwd=/srv/app user=deploy   deny program_mismatch
  a.example:443 exe=/opt/a/bin/agent cmd=agent_--job_7 cwd=/srv/app user=root   deny program_mismatch

# time
{host: a.example, expires: "2026-12-31"}
  a.example:443 at=2026-12-31T23:59:59Z   allow rule
  a.example:443 at=2027-01-01T00:00:00Z   deny expired
  a.example:443                           deny expired
{host: a.example, expires: "2026-12-31T12:00:00+02:00"}
  a.example:443 at=2026-12-31T09:59:59Z   allow rule
  a.example:443 at=2026-12-31T10:00:00Z   deny expired
{host: a.example, windows: {days: [mon-fri], from: "08:00", to: "18:00", zone: "+02:00"}}
  a.example:443 at=2026-11-20T06:00:00Z   allow rule
  a.example:443 at=2026-11-20T05:59:59Z   deny outside_window
  a.example:443 at=2026-11-20T16:00:00Z   deny outside_window
  a.example:443 at=2026-11-21T10:00:00Z   deny outside_window
  a.example:443                           deny outside_window
{host: a.example, windows: [{days: [fri], from: "22:00", to: "06:00"}]}
  a.example:443 at=2026-11-20T23:00:00Z   allow rule
  a.example:443 at=2026-11-21T05:59:00Z   allow rule
  a.example:443 at=2026-11-21T06:00:00Z   deny outside_window
  a.example:443 at=2026-11-20T05:00:00Z   deny outside_window

# the nearest miss is named; the most special rule that covers decides
{host: a.example, ports: [1]} {id: near, host: a.example, ports: [2], protocols: [ssh]}
  a.example:2 smtp                    deny protocol_mismatch near
{id: suffix, host: '*.example'} {id: name, host: a.example}
  a.example:1                         allow rule name
  b.example:1                         allow rule suffix
{id: suffix, host: '*.example'} {id: name, host: a.example, ports: [5]}
  a.example:1                         allow rule suffix
{id: wide, host: 192.0.2.0/24} {id: narrow, host: 192.0.2.7, ports: [5]}
  192.0.2.7:5                         allow rule narrow
  192.0.2.7:6                         allow rule wide
  192.0.2.8:5                         allow rule wide
`

func TestScenarios(t *testing.T) {
	var p *policy.Policy
	asks := 0
	for line := range strings.Lines(scenarios + mcpScenarios) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] != ' ':
			p = parse(t, rulesOf(line))
		default:
			asks++
			scenario(t, p, line)
		}
	}
	if asks < 150 {
		t.Errorf("only %d scenarios", asks)
	}
}

// rulesOf writes the rules of a scenario as a document.
func rulesOf(line string) string {
	doc := "allowlist:\n  rules:\n"
	if line[0] != '{' {
		return doc + "    - " + line + "\n"
	}
	for _, rule := range strings.Split(line, "} {") {
		doc += "    - {" + strings.Trim(rule, "{} ") + braces(rule) + "}\n"
	}
	return doc
}

// braces restores the inner closing brackets that splitting trimmed.
func braces(rule string) string {
	inner := strings.Trim(rule, "{} ")
	return strings.Repeat("}", strings.Count(inner, "{")-strings.Count(inner, "}"))
}

func scenario(t *testing.T, p *policy.Policy, line string) {
	t.Helper()
	request, want, _ := strings.Cut(line, " allow ")
	result := policy.Allow
	if want == "" {
		request, want, _ = strings.Cut(line, " deny ")
		result = policy.Deny
	}
	reason, rule, _ := strings.Cut(strings.TrimSpace(want), " ")
	d := p.Decide(asked(t, request))
	if d.Result != result || d.Reason != policy.Reason(reason) || rule != "" && d.RuleID != rule {
		t.Errorf("%s\n got %s %s (rule %s)", line, d.Result, d.Reason, d.RuleID)
	}
	if d.Detail == "" || d.Default != (d.Reason == policy.ReasonDefaultPolicy) {
		t.Errorf("%s: %+v", line, d)
	}
}
