package rule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

func parse(lines string) ([]*rule.Rule, error) {
	return rule.Parse([]byte("rules:\n  - id: r\n    "+strings.ReplaceAll(lines, "\n", "\n    ")+"\n"), []string{"brute_force"})
}

func TestWhatIsLeftOut(t *testing.T) {
	all, err := parse("on: [auth_failed]\nthreshold: 3")
	if err != nil {
		t.Fatal(err)
	}
	if r := all[0]; r.Form != rule.Threshold || r.By != guard.BySource || r.Window != 5*time.Minute || r.Cooldown != 5*time.Minute || r.Severity != event.Medium || r.Count != 3 {
		t.Errorf("%+v", r)
	}
}

// What is wrong is said when the file is read, with its line.
func TestMistakesAreNamedWithTheirLine(t *testing.T) {
	for lines, want := range map[string]string{
		"on: [auth_failed]":                                          `line 2: rule "r": id: give one of threshold, distinct and sequence`,
		"on: [auth_failed]\nthreshold: 70000":                        "line 4: rule \"r\": threshold: 70000 is not between",
		"on: [weather]\nthreshold: 2":                                `on: "weather" is not one of auth_failed`,
		"threshold: 2":                                               "on: give the kinds",
		"on: [auth_failed]\nthreshold: 2\nwhen: usr == ''":           "line 5: rule \"r\": when: column 1: undeclared reference to 'usr'",
		"on: [auth_failed]\nthreshold: 2\nwindow: 2h":                "line 5: rule \"r\": window: 2h0m0s is not between",
		"on: [auth_failed]\nthreshold: 2\nwindow: soon":              `"soon" is no duration`,
		"on: [auth_failed]\nthreshold: 2\nwindow: 10m\ncooldown: 1m": "line 6: rule \"r\": cooldown: 1m0s is not between 10m0s and 24h0m0s",
		"on: [auth_failed]\nthreshold: 2\nby: planet":                `by: "planet" is not ip, subnet or user`,
		"on: [auth_failed]\nthreshold: 2\nseverity: info":            "severity: ",
		"on: [auth_failed]\ndistinct: {of: time, count: 3}":          `distinct.of: "time" is not user`,
		"on: [auth_failed]\ndistinct: {of: user, count: 1}":          "distinct.count: 1 is not between 2 and 256",
		"on: [auth_failed]\nsequence: [{on: [auth_failed]}]":         "on and when stand in its steps",
		"sequence: [{on: [auth_failed]}]":                            "it has one record; that is a threshold",
		"sequence: [{on: [auth_failed], count: 65}]":                 "count: a step has 1 record",
		"sequence:\n- {on: [auth_failed]}\n- {on: [x]}":              "line 5: rule \"r\": sequence[1].on: \"x\" is not one of",
		"on: [auth_failed]\nthreshold: 2\nblocks: {}":                `unknown field "blocks"`,
		"on: &a [auth_failed]\nthreshold: 2":                         "anchors",
		"on: [http_request]\nthreshold: 2\nwhen: " + "attributes.exists(k, attributes[k].contains('aaaaaaaaaaaaaaaaaaaaa'))": "line 5: rule \"r\": when: it may cost too much",
	} {
		if _, err := parse(lines); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s\n  got  %v\n  want %s", lines, err, want)
		}
	}
	for id, want := range map[string]string{"brute_force": "id: is taken", "A": "id: give 1 to 64", "a.b": "id: give 1 to 64"} {
		_, err := rule.Parse(fmt.Appendf(nil, "rules: [{id: %s, on: [auth_failed], threshold: 2}]", id), []string{"brute_force"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Many rules that are cheap each are dear together: the one that is too much is named.
func TestRulesAreDearTogether(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "  - {id: r%d, on: [http_request], threshold: 2, when: \"attributes.path.matches('(a+)+(b+)+(c+)+x{1,90}')\"}\n", i)
	}
	_, err := rule.Parse([]byte(b.String()), nil)
	if err == nil || !strings.Contains(err.Error(), "the conditions about http_request may cost too much") || strings.Contains(err.Error(), `rule "r10"`) {
		t.Errorf("%v", err)
	}
}

// The index finds the rules that asking each of them would find.
func TestTheIndexFindsWhatHolds(t *testing.T) {
	all, err := rule.Parse([]byte(`rules:
  - {id: a, on: [auth_failed], threshold: 1, when: 'attributes.service == "vpn"'}
  - {id: b, on: [auth_failed], threshold: 1, when: 'attributes.service in ["vpn", "ssh", "vpn"] && user != "root"'}
  - {id: c, on: [auth_failed, http_request], threshold: 1, when: 'user.startsWith("ro") && source_ip.within("203.0.113.0/24")'}
  - {id: d, on: [auth_failed], threshold: 1}
  - {id: e, sequence: [{on: [auth_failed]}, {on: [http_request], when: 'user == "root"'}]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := rule.NewIndex(all)
	for _, c := range []struct {
		kind, ip, user, service string
		want                    []string
	}{
		{"auth_failed", "203.0.113.9", "root", "vpn", []string{"a0", "c0", "d0", "e0"}},
		{"auth_failed", "198.51.100.9", "anna", "vpn", []string{"a0", "b0", "d0", "e0"}},
		{"auth_failed", "", "", "", []string{"d0", "e0"}},
		{"http_request", "203.0.113.9", "root", "vpn", []string{"c0", "e1"}},
		{"rate_limited", "203.0.113.9", "root", "vpn", nil},
	} {
		var got []string
		r := event.SecurityRecord{Kind: c.kind, SourceIP: c.ip, User: c.user, Attributes: map[string]string{"service": c.service}}
		x.Find(&r, func(rule, step int) { got = append(got, fmt.Sprintf("%s%d", all[rule].ID, step)) })
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// However a condition is looked for, it is found where CEL, asked of each record, says
// that it holds.
func TestTheIndexAgreesWithCEL(t *testing.T) {
	conditions := []string{
		`user == "a"`, `user == ""`, `user.startsWith("ab")`, `user.startsWith("")`, `user.startsWith("abcab")`, `user.endsWith("c")`, `user.endsWith("cab")`, `user.contains("bc")`,
		`user in ["a", "abc", "a"]`, `attributes.x == "ab" && user.startsWith("a")`, `attributes.x.endsWith("b") && user.startsWith("abca")`, `kind == "auth_failed" && attributes.x == ""`,
		`source_ip.startsWith("203.0.113.") && user != "a"`, `source_ip.within("203.0.113.0/24") && user.endsWith("b")`, `"x" in attributes && user.contains("a")`,
	}
	var quick, slow strings.Builder
	for i, c := range conditions {
		fmt.Fprintf(&quick, "  - {id: r%d, on: [auth_failed], threshold: 1, when: '%s'}\n", i, c)
		fmt.Fprintf(&slow, "  - {id: r%d, on: [auth_failed], threshold: 1, when: '!(!(%s))'}\n", i, c)
	}
	random := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		from := random.IntN(4)
		return "abcabcab"[from : from+random.IntN(9-from)]
	}
	index := func(rules *strings.Builder) *rule.Index {
		all, err := rule.Parse([]byte("rules:\n"+rules.String()), nil)
		if err != nil {
			t.Fatal(err)
		}
		return rule.NewIndex(all)
	}
	byIndex, byCEL := index(&quick), index(&slow)
	found := func(x *rule.Index, r event.SecurityRecord) (ids []int) {
		x.Find(&r, func(rule, _ int) { ids = append(ids, rule) })
		slices.Sort(ids)
		return ids
	}
	for range 2_000 {
		r := event.SecurityRecord{Kind: "auth_failed", User: text(), SourceIP: "203.0.113.9", Attributes: map[string]string{"x": text()}}
		if got, want := found(byIndex, r), found(byCEL, r); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, CEL says %v", r, got, want)
		}
	}
}

// A record that a condition cannot judge does not count, and is told of.
func TestAConditionThatCannotBeAnswered(t *testing.T) {
	all, err := parse("on: [http_request]\nthreshold: 1\nwhen: int(attributes.status) >= 500")
	if err != nil {
		t.Fatal(err)
	}
	x := rule.NewIndex(all)
	found := 0
	for _, status := range []string{"many", "503"} {
		x.Find(&event.SecurityRecord{Kind: "http_request", Attributes: map[string]string{"status": status}}, func(int, int) { found++ })
	}
	if failed := x.Failed(); found != 1 || !slices.Equal(failed, []string{"r"}) || x.Failed() != nil {
		t.Errorf("%d found, %v failed", found, failed)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("rules: [{id: a, on: [auth_failed], threshold: 2, when: 'user == \"x\"'}]"))
	f.Add([]byte("rules: [{id: a, on: [auth_failed], distinct: {of: attributes.x, count: 3}}]"))
	f.Add([]byte("rules: [{id: a, sequence: [{on: [auth_failed], count: 3}, {on: [http_request], when: 'attributes.status == \"200\"'}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := rule.Parse(text, nil)
		if err != nil {
			return
		}
		x := rule.NewIndex(all)
		for _, kind := range event.RecordKinds() {
			x.Find(&event.SecurityRecord{Kind: kind, User: "root"}, func(r, step int) {
				if !slices.Contains(all[r].Steps[step].On, kind) {
					t.Errorf("%+v counts %s", all[r], kind)
				}
			})
		}
	})
}
