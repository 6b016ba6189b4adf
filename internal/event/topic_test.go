package event

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBuildersRefuseSegmentsThatChangeTheTopicsShape(t *testing.T) {
	builders := map[string]func(string) (string, error){
		"leak.source.%.state": SourceState,
		"system.%.health":     WorkerHealth,
		"system.%.control":    WorkerControl,
	}
	bad := map[string]string{
		"empty": "", "dot": "a.b", "star": "*", "gt": "a>", "space": "a b", "tab": "a\tb", "newline": "a\n",
		"nul": "a\x00b", "delete": "a\x7f", "next line": "a\u0085", "no-break space": "a\u00a0b", "ogham space": "a\u1680b",
		"em space": "a\u2003b", "line separator": "a\u2028", "ideographic space": "a\u3000b", "zero width space": "a\u200bb",
		"right-to-left override": "a\u202eb", "byte order mark": "\ufeffa", "soft hyphen": "a\u00adb", "not UTF-8": "a\xff",
	}
	for shape, build := range builders {
		got, err := build("web-1_A")
		if want := strings.Replace(shape, "%", "web-1_A", 1); err != nil || got != want {
			t.Errorf("%s: got %q, %v", shape, got, err)
		}
		for name, segment := range bad {
			if topic, err := build(segment); err == nil {
				t.Errorf("%s with %s: built %q, want an error", shape, name, topic)
			}
		}
	}
}

func TestCheckTopicAndCheckPattern(t *testing.T) {
	cases := []struct {
		in             string
		topic, pattern bool
	}{
		{"system.bus.health", true, true},
		{"a", true, true},
		{"größe.λ.状態", true, true},
		{"topology.*.status", false, true},
		{"topology.>", false, true},
		{">", false, true},
		{"*", false, true},
		{"*.>", false, true},
		{"", false, false},
		{".", false, false},
		{"a.", false, false},
		{".a", false, false},
		{"a..b", false, false},
		{".>", false, false},
		{">.a", false, false},
		{"a.>.b", false, false},
		{">.>", false, false},
		{"a*", false, false},
		{"a.b>", false, false},
		{"a b", false, false},
		{strings.Repeat("a", maxTopic), true, true},
		{strings.Repeat("a", maxTopic+1), false, false},
	}
	for _, c := range cases {
		if err := CheckTopic(c.in); (err == nil) != c.topic {
			t.Errorf("CheckTopic(%q) = %v, want ok %t", c.in, err, c.topic)
		}
		if err := CheckPattern(c.in); (err == nil) != c.pattern {
			t.Errorf("CheckPattern(%q) = %v, want ok %t", c.in, err, c.pattern)
		}
	}
}

func TestErrorNamesTheOffendingCharacter(t *testing.T) {
	err := CheckTopic("leak.a\u200bb.state")
	if err == nil || !strings.Contains(err.Error(), `'\u200b'`) {
		t.Errorf("error %v does not name the zero width space", err)
	}
}

func TestMatch(t *testing.T) {
	cases := []struct {
		pattern, topic string
		want           bool
	}{
		{"topology.>", "topology.abc.status", true},
		{"topology.>", "topology.abc", true},
		{"topology.>", "topology", false},
		{"topology.>", "topologyx.abc", false},
		{"topology.*", "topology.abc", true},
		{"topology.*", "topology.abc.status", false},
		{"topology.*", "topology", false},
		{"*.abc.*", "topology.abc.status", true},
		{"*.*.*", "topology.abc", false},
		{"*.>", "a.b.c", true},
		{"*.>", "a", false},
		{">", "a", true},
		{">", "a.b", true},
		{"*", "a", true},
		{"*", "a.b", false},
		{"a.b", "a.b", true},
		{"a.b", "a.b.c", false},
		{"a.b.c", "a.b", false},
		{"a.b", "A.b", false},
	}
	for _, c := range cases {
		if got := Match(c.pattern, c.topic); got != c.want {
			t.Errorf("Match(%q, %q) = %t", c.pattern, c.topic, got)
		}
	}
}

// matchTokens is Match written the obvious way.
func matchTokens(pattern, topic []string) bool {
	switch {
	case len(pattern) == 0 || len(topic) == 0:
		return len(pattern) == len(topic)
	case pattern[0] == ">":
		return true
	case pattern[0] != "*" && pattern[0] != topic[0]:
		return false
	}
	return matchTokens(pattern[1:], topic[1:])
}

func TestMatchAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.SampledFrom([]string{"a", "b", "ab"})
		topic := rapid.SliceOfN(token, 1, 5).Draw(t, "topic")
		pattern := rapid.SliceOfN(rapid.OneOf(token, rapid.Just("*")), 1, 5).Draw(t, "pattern")
		if rapid.Bool().Draw(t, "tail") {
			pattern = append(pattern, ">")
		}
		p, s := strings.Join(pattern, "."), strings.Join(topic, ".")
		if got, want := Match(p, s), matchTokens(pattern, topic); got != want {
			t.Fatalf("Match(%q, %q) = %t, reference says %t", p, s, got, want)
		}
	})
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"a.>", "a.b"}, {"*.b", "a.b"}, {">", "a"}, {"a..b", "a..b"}, {"", ""}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, topic string) {
		got := Match(pattern, topic)
		if CheckPattern(pattern) != nil || CheckTopic(topic) != nil {
			return // only promised not to panic
		}
		if want := matchTokens(strings.Split(pattern, "."), strings.Split(topic, ".")); got != want {
			t.Errorf("Match(%q, %q) = %t, reference says %t", pattern, topic, got, want)
		}
		if !Match(topic, topic) || !Match(">", topic) {
			t.Errorf("topic %q does not match itself and >", topic)
		}
	})
}
