package dns

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/clock"
)

// coder is a way to put bytes into names: how many at a time, of which type, and how
// they are written.
type coder struct {
	name  string
	bytes int
	kind  dnsmessage.Type
	write func([]byte) string
	// most is how many bytes may leave before the stop, with room for the questions that
	// a filter with another seed in every run takes for known ones.
	most int
}

// lines breaks a text into labels.
func lines(text string, size int) string {
	var labels []string
	for ; len(text) > size; text = text[size:] {
		labels = append(labels, text[:size])
	}
	return strings.Join(append(labels, text), ".")
}

// coders have the shapes of tools that are in use: iodine 0.8 (labels of 57
// characters in its own base32 or base64, asked for NULL, TXT or by CNAME), dnscat2
// (labels of hexadecimal, TXT, CNAME and MX), dns2tcp (labels of base64, TXT), and of
// scripts that send a file in pieces.
func coders() []coder {
	iodine32 := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz012345").WithPadding(base32.NoPadding)
	return []coder{
		{"iodine, base32, NULL", 135, typeNULL, func(b []byte) string { return "0abc" + lines(iodine32.EncodeToString(b), 57) }, 0},
		{"iodine, base64, CNAME", 160, dnsmessage.TypeCNAME, func(b []byte) string { return "0abc" + lines(base64.RawURLEncoding.EncodeToString(b), 57) }, 0},
		{"iodine, short, TXT", 40, dnsmessage.TypeTXT, func(b []byte) string { return "0abc" + lines(iodine32.EncodeToString(b), 57) }, 160},
		{"dnscat2, MX", 110, dnsmessage.TypeMX, func(b []byte) string { return lines(hex.EncodeToString(b), 60) }, 110},
		{"dnscat2, idle, TXT", 16, dnsmessage.TypeTXT, func(b []byte) string { return lines(hex.EncodeToString(b), 60) }, 640},
		{"dns2tcp, TXT", 120, dnsmessage.TypeTXT, func(b []byte) string { return lines(base64.RawURLEncoding.EncodeToString(b), 63) }, 0},
		{"a script, 30 bytes of base64 at a time", 30, dnsmessage.TypeA, func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }, 600},
		{"a script, 8 bytes of hexadecimal at a time", 8, dnsmessage.TypeA, func(b []byte) string { return hex.EncodeToString(b) }, 2400},
		{"a script, 4 bytes as numbers", 4, dnsmessage.TypeA, func(b []byte) string { return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3]) }, 3600},
		{"a script, 10 bytes as four groups of five consonants", 10, dnsmessage.TypeA, func(b []byte) string {
			const letters = "bcdfghjklmnpqrst"
			var out strings.Builder
			for i, c := range b {
				for j, n := range []byte{c >> 4, c & 15} {
					if at := 2*i + j; at > 0 && at%5 == 0 {
						out.WriteByte('-')
					}
					out.WriteByte(letters[n])
				}
			}
			return out.String()
		}, 2048},
		{"a script, one byte of a word list at a time", 1, dnsmessage.TypeA, func(b []byte) string { return fmt.Sprintf("word%c%c", 'a'+b[0]%16, 'a'+b[0]/16) }, 1300},
	}
}

// pour sends bytes through a coder for that long and counts those that got out.
func (c coder) pour(t *tunnels, now *clock.Fake, each time.Duration, questions int) (leaked int) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range questions {
		b := make([]byte, c.bytes)
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		name := c.write(b) + ".t.example.com"
		if c.bytes < 8 { // repeats would say nothing
			name = fmt.Sprintf("%s.n%d.t.example.com", c.write(b), i)
		}
		if t.see(netip.MustParseAddr("127.0.0.1"), name, c.kind, true) == "" {
			leaked += c.bytes
		}
		now.Advance(each)
	}
	return leaked
}

func TestTunnelsAreStopped(t *testing.T) {
	for _, c := range coders() {
		now := clock.NewFake(time.Now())
		leaked := c.pour(newTunnels(now, 16), now, 50*time.Millisecond, 20_000)
		t.Logf("%-45s %5d of %d bytes left before the stop", c.name, leaked, 20_000*c.bytes)
		if leaked > c.most {
			t.Errorf("%s: %d bytes left, more than %d", c.name, leaked, c.most)
		}
	}
}

// Who stays below what is stopped gets about that much in every window, and no more:
// here an hour of one question every two seconds.
func TestSlowTunnelsStaySlow(t *testing.T) {
	for _, c := range coders() {
		now := clock.NewFake(time.Now())
		leaked := c.pour(newTunnels(now, 16), now, 2*time.Second, 1800)
		t.Logf("%-45s %5d bytes in an hour", c.name, leaked)
		if leaked > 15_000 {
			t.Errorf("%s: %d bytes in an hour", c.name, leaked)
		}
	}
}

// A program may ask from any address of the loopback: it is one client.
func TestTheLoopbackIsOneClient(t *testing.T) {
	d := newTunnels(clock.NewFake(time.Now()), 4096)
	leaked := 0
	for i := range 1000 {
		from := netip.AddrFrom4([4]byte{127, 0, byte(i >> 8), byte(i)})
		if d.see(from, fmt.Sprintf("%032x.t.example.com", i*0x9e3779b97f4a7c), dnsmessage.TypeA, true) == "" {
			leaked += 16
		}
	}
	if leaked > 2400 {
		t.Errorf("%d bytes left", leaked)
	}
}

// The type of a question says something, too, of a name that is known.
func TestTypesCarryData(t *testing.T) {
	d := newTunnels(clock.NewFake(time.Now()), 16)
	asks := func(from, to int) (leaked int) {
		for kind := from; kind < to; kind++ {
			if d.see(netip.MustParseAddr("127.0.0.1"), "www.example.com", dnsmessage.Type(kind), true) == "" {
				leaked += 2
			}
		}
		return leaked
	}
	if leaked := asks(256, 20_000); leaked > 4096 {
		t.Errorf("%d bytes left in types", leaked)
	}
	d = newTunnels(clock.NewFake(time.Now()), 16)
	if asks(1, 66) != 2*65 {
		t.Error("the types that there are were taken for a tunnel")
	}
}

// Names that carry no data, however many there are. Each list is ten minutes of one
// machine.
func TestNamesThatAreNoTunnel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(n int, alphabet string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	const hexes, small = "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789"
	uuid := func() string {
		return text(8, hexes) + "-" + text(4, hexes) + "-4" + text(3, hexes) + "-a" + text(3, hexes) + "-" + text(12, hexes)
	}
	services := strings.Fields("api web auth cart checkout payments search users orders redis postgres kafka grafana prometheus loki ingress")
	for _, row := range []struct {
		name string
		n    int
		kind dnsmessage.Type
		make func(i int) string
	}{
		{"video", 80, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("rr%d---sn-%s.googlevideo.com", i%8, text(8, small)) }},
		{"a delivery network", 300, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("e%d.dscb.akamaiedge.net", r.IntN(99999)) }},
		{"one name for each customer", 500, dnsmessage.TypeA, func(i int) string { return "d" + text(13, small) + ".cloudfront.net" }},
		{"buckets", 300, dnsmessage.TypeA, func(i int) string { return "logs-" + text(20, small) + ".s3.amazonaws.com" }},
		{"databases of a cloud", 60, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("orders-%d.c9akciq32rng.eu-west-1.rds.amazonaws.com", i) }},
		{"keys of mail", 300, dnsmessage.TypeTXT, func(i int) string { return fmt.Sprintf("s%d._domainkey.customer%d.com", 20200101+i, i) }},
		{"keys of mail of one sender", 20, dnsmessage.TypeCNAME, func(i int) string { return text(32, small) + "._domainkey.example.com" }},
		{"lists of senders of spam", 250, dnsmessage.TypeA, func(i int) string {
			return fmt.Sprintf("%d.%d.%d.%d.zen.spamhaus.org", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
		}},
		{"backwards", 400, dnsmessage.TypePTR, func(i int) string { return fmt.Sprintf("%d.%d.168.192.in-addr.arpa", r.IntN(256), r.IntN(256)) }},
		{"backwards, IPv6", 120, dnsmessage.TypePTR, func(i int) string { return lines(text(16, hexes), 1) + ".1.0.0.0.8.b.d.0.1.0.0.2.0.0.0.0.ip6.arpa" }},
		{"search domains of Kubernetes", 900, dnsmessage.TypeA, func(i int) string {
			host := services[i%len(services)]
			return []string{host + ".prod.svc.cluster.local", host + ".svc.cluster.local", host + ".cluster.local", host + ".example.com.prod.svc.cluster.local"}[i%4]
		}},
		{"telemetry with an id for each session", 40, dnsmessage.TypeA, func(i int) string { return uuid() + ".events.example.com" }},
		{"reports of errors", 100, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("o%d.ingest.us.sentry.io", 100_000+r.IntN(900_000)) }},
		{"certificates", 100, dnsmessage.TypeTXT, func(i int) string { return fmt.Sprintf("_acme-challenge.shop%d.example.com", i) }},
		{"pictures on many names", 300, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("img%d.cdn.example.com", i) }},
		{"builds", 200, dnsmessage.TypeA, func(i int) string { return fmt.Sprintf("productionresultssa%d.blob.core.windows.net", i%20) }},
		{"the same long name over and over", 5000, dnsmessage.TypeA, func(int) string { return strings.Repeat("a1b2c3d4", 7) + ".example.com" }},
		{"a browser that tries whether names are made up", 50, dnsmessage.TypeA, func(int) string { return text(12, small[:26]) }},
	} {
		now := clock.NewFake(time.Now())
		d := newTunnels(now, 64)
		for i := range row.n {
			name := row.make(i)
			if why := d.see(netip.MustParseAddr("127.0.0.1"), name, row.kind, i == 0); why != "" {
				t.Errorf("%s: number %d, %s: %s", row.name, i, name, why)
				break
			}
			now.Advance(10 * time.Minute / time.Duration(row.n))
		}
	}
}

// A tunnel is one record of its domain, its names are on none, and a rule that names
// dns lets it be.
func TestATunnelIsDenied(t *testing.T) {
	w := open(t, rules, nil)
	asks := func(n int) (denied int) {
		for i := range n {
			got := w.ask(hex.EncodeToString([]byte(fmt.Sprintf("%024d", i)))+".wild.example", dnsmessage.TypeTXT)
			if strings.Contains(got.text, "dns_tunnel") {
				denied++
			}
		}
		return denied
	}
	if denied := asks(60); denied < 40 || denied > 58 {
		t.Errorf("of 60 names %d were denied", denied)
	}
	decided, _ := w.records()
	records := 0
	for _, r := range decided {
		if r.Decision.Reason == policy.ReasonTunnel {
			records++
			if r.Host != "wild.example" || r.Decision.AllowCommand != "" || strings.Contains(r.Decision.Detail, "3030") {
				t.Errorf("%+v", r)
			}
		}
	}
	if heard := len(w.up.heard()); records != 1 || heard > 20 {
		t.Errorf("%d records; the upstream heard %d names", records, heard)
	}
	w.setPolicy("allowlist: {rules: [{host: '*.wild.example', protocols: [dns]}]}\n")
	if denied := asks(60); denied != 0 {
		t.Errorf("a rule names dns, and %d of 60 were denied", denied)
	}
}
