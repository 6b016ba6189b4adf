package config

import (
	"strings"
	"testing"
)

func TestDifferencesNameTheKeys(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"the same", whole, whole, ""},
		{"a key", "api: {listen: '127.0.0.1:1'}", "api: {listen: '127.0.0.1:2'}", "api.listen"},
		{"a key with a default", "{}", "log: {level: debug}", "log.level"},
		{"a number behind a pointer", "leak: {policy: {min_confidence: 0.5}}", "leak: {policy: {min_confidence: 0.6}}", "leak.policy.min_confidence"},
		{"a list", "leak: {sources: [{id: a, kind: dir, path: x}]}", "leak: {sources: [{id: a, kind: dir, path: y}]}", "leak.sources"},
		{"a section that came", "{}", "leak: {}", "leak"},
		{"a section that went, with its keys", "notify: {webhooks: [{id: a, url: 'https://x.example', topics: ['leak.>']}]}", "{}", "notify.webhooks"},
		{"a secret by reference", "fingerprint: {key: 'env:A'}", "fingerprint: {key: 'env:B'}", "fingerprint.key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(Differences(parsed(t, test.before), parsed(t, test.after)), " "); got != test.want {
				t.Errorf("differences %q, want %q", got, test.want)
			}
		})
	}
}

// A webhook's inline secret may be all that changed: that is a difference, too.
func TestInlineSecretsAreCompared(t *testing.T) {
	hook := func(secret string) *Config {
		return parsed(t, "notify: {webhooks: [{id: a, url: 'https://x.example', topics: ['leak.>'], secret: "+secret+"}]}")
	}
	if got := Differences(hook("one"), hook("two")); len(got) != 1 {
		t.Errorf("differences %v, want the list of webhooks", got)
	}
	if got := Differences(hook("one"), hook("one")); len(got) != 0 {
		t.Errorf("differences %v between equals", got)
	}
}

func parsed(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse([]byte(text), env())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
