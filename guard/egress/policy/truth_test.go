package policy_test

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

var update = flag.Bool("update", false, "write the truth table into docs/egress.md")

// dimension is one switch of a policy, or what is asked of it, and its values.
type dimension struct {
	name   string
	values []string
}

var dimensions = []dimension{
	{"kill_switch", []string{"true", "false"}},
	{"mode", []string{"strict", "permissive", "audit"}},
	{"network_enabled", []string{"false", "true"}},
	{"localhost_only", []string{"true", "false"}},
	{"default_policy", []string{"deny", "allow"}},
	{"secret found; leak prevention", []string{"yes; on", "yes; off", "no; on", "no; off"}},
}

var targets = []struct {
	name string
	r    policy.Request
}{
	{"loopback, rule", policy.Request{Host: "127.0.0.1", Port: 8080}},
	{"loopback, no rule", policy.Request{Host: "127.0.0.2", Port: 8080}},
	{"allowed host", policy.Request{Host: "api.example.com", Port: 443, Address: netip.MustParseAddr("192.0.2.80")}},
	{"unknown host", policy.Request{Host: "paste.example", Port: 443, Address: netip.MustParseAddr("192.0.2.81")}},
	{"allowed host, private address", policy.Request{Host: "api.example.com", Port: 443, Address: netip.MustParseAddr("10.1.2.3")}},
	{"metadata", policy.Request{Host: "169.254.169.254", Port: 80}},
}

// setting is one row: a value for each dimension.
type setting []string

func (s setting) document() string {
	return fmt.Sprintf(`
mode: %s
default_policy: %s
global: {network_enabled: %s}
emergency: {kill_switch: %s, localhost_only: %s}
data_leak_prevention: {enabled: %t}
allowlist:
  rules:
    - {host: api.example.com, ports: [443]}
    - {host: 127.0.0.1, ports: [8080]}
    - {host: 169.254.0.0/16, description: "no rule opens this"}
`, s[1], s[4], s[2], s[0], s[3], strings.HasSuffix(s[5], "on"))
}

// law states, apart from the code, what the table must say. The first line that
// fits decides; audit lets pass what is no floor.
func law(s setting, target string) string {
	kill, mode, network, localhost, fallback := s[0] == "true", s[1], s[2] == "true", s[3] == "true", s[4]
	leak := s[5] == "yes; on"
	local := strings.HasPrefix(target, "loopback")
	denial, onlyReported := "", mode == "audit"
	switch {
	case kill:
		return "deny kill_switch"
	case target == "metadata":
		return "deny metadata_address"
	case !network && !local:
		denial = "network_disabled"
	case localhost && !local:
		denial = "localhost_only"
	case target == "loopback, no rule" && !localhost && fallback == "deny":
		denial = "default_policy"
	case target == "loopback, no rule" && !localhost, strings.HasSuffix(target, "private address"):
		denial = "private_address"
	case target == "unknown host" && fallback == "deny":
		denial = "default_policy"
	case leak:
		denial, onlyReported = "leak", mode != "strict"
	}
	switch {
	case denial == "":
		return "allow"
	case onlyReported:
		return "allow, would deny " + denial
	}
	return "deny " + denial
}

func verdict(d policy.Decision) string {
	if d.Result == policy.Deny {
		return "deny " + string(d.Reason)
	}
	if d.Would != "" {
		return "allow, would deny " + string(d.Reason)
	}
	return "allow"
}

// TestTruthTable asks for every combination of the switches and compares with the
// law; with -update it writes what it found into the documentation.
func TestTruthTable(t *testing.T) {
	rows := 0
	var check func(s setting)
	check = func(s setting) {
		if len(s) < len(dimensions) {
			for _, v := range dimensions[len(s)].values {
				check(append(slices.Clone(s), v))
			}
			return
		}
		for i, got := range answers(t, s) {
			rows++
			if want := law(s, targets[i].name); got != want {
				t.Errorf("%v, %s: %s, want %s", s, targets[i].name, got, want)
			}
		}
	}
	check(nil)
	if rows != 2*3*2*2*2*4*6 {
		t.Errorf("%d rows", rows)
	}
	compareTable(t, table(t))
}

// answers asks one setting about every target.
func answers(t *testing.T, s setting) []string {
	t.Helper()
	p, err := policy.Parse([]byte(s.document()))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, target := range targets {
		r := target.r
		if strings.HasPrefix(s[5], "yes") {
			r.Secrets = []policy.Secret{{Rule: "some-rule"}}
		}
		list = append(list, verdict(p.Decide(r)))
	}
	return list
}

// table lays the answers out, with "any" where a switch makes no difference.
func table(t *testing.T) string {
	var b strings.Builder
	for _, d := range dimensions {
		b.WriteString("| " + d.name + " ")
	}
	for _, target := range targets {
		b.WriteString("| " + target.name + " ")
	}
	b.WriteString("|\n" + strings.Repeat("|---", len(dimensions)+len(targets)) + "|\n")
	for _, row := range collapse(t, nil) {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}

// collapse returns the rows below a prefix of values; values that lead to the same
// rows share them.
func collapse(t *testing.T, s setting) [][]string {
	if len(s) == len(dimensions) {
		return [][]string{answers(t, s)}
	}
	var labels []string
	var groups [][][]string
	for _, v := range dimensions[len(s)].values {
		below := collapse(t, append(slices.Clone(s), v))
		i := slices.IndexFunc(groups, func(g [][]string) bool { return slices.EqualFunc(g, below, slices.Equal) })
		if i < 0 {
			labels, groups = append(labels, v), append(groups, below)
			continue
		}
		labels[i] += ", " + v
	}
	if len(groups) == 1 {
		return prefixed("any", groups[0])
	}
	var rows [][]string
	for i, g := range groups {
		rows = append(rows, prefixed(labels[i], g)...)
	}
	return rows
}

// prefixed puts a value before each row, in rows of its own.
func prefixed(value string, rows [][]string) [][]string {
	long := make([][]string, len(rows))
	for i := range rows {
		long[i] = append([]string{value}, rows[i]...)
	}
	return long
}

func compareTable(t *testing.T, table string) {
	t.Helper()
	const begin, end = "<!-- truth table: made by go test ./guard/egress/policy -update -->\n", "<!-- end of the truth table -->"
	name := filepath.Join("..", "..", "..", "docs", "egress.md")
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the truth table", name)
	}
	if *update {
		if err := os.WriteFile(name, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Errorf("%s is behind: go test ./guard/egress/policy -update", name)
	}
}
