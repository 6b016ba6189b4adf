package detect

import "testing"

func TestAMentionIsNearAndItsValueStandsAlone(t *testing.T) {
	const value = "{{hex:32}}"
	rule := Rule{
		ID: "acme", Severity: SeverityHigh, Confidence: 0.8, Active: true,
		Regex: mentioned{Names: "acme", Value: "[0-9a-f]{32}"}.regex(),
	}
	for text, want := range map[string]int{
		"acme=" + value:                                 1,
		"the ACME key is '" + value + "'":               1,
		"acme:\n  token: " + value:                      1,
		"acme-" + value:                                 1,
		"https://api.acme.example/v1/?api_key=" + value: 1,
		"acme key-" + value:                             1,
		"acme — ключ доступа к складу номер семь: " + value: 1, // characters count, not bytes
		"acme:\n\n      " + value:           1,
		"9a8b  usr/share/acme.md\n" + value: 0, // a list of digests
		"acme/" + value:                     0, // a path
		"acme " + value + value:             0, // a longer word
		"acme a." + value:                   0, // a file name
		"acme is what this very long sentence begins with: " + value: 0,
	} {
		if found, _ := alone(t, rule).FindAll([]byte(expand(t, text))); len(found) != want {
			t.Errorf("%q: %d findings, want %d", text, len(found), want)
		}
	}
}
