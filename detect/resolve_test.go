package detect

import "testing"

// rivals are three rules that fire for the same secrets.
func rivals(t *testing.T) *Scanner {
	t.Helper()
	set, err := Compile([]Rule{
		{ID: "acme-or-zeta-key", Provider: "Acme", Regex: `(?:acme|zeta)_key=([0-9a-z_]{20,40})`, Severity: SeverityHigh, Confidence: 0.8, Active: true},
		{ID: "zeta-key", Provider: "Zeta Labs", Regex: `zeta_key=([0-9a-z_]{20,40})`, Severity: SeverityHigh, Confidence: 0.7, Active: true},
		{ID: "omega-token", Provider: "Omega", Regex: `omg_[0-9a-z]{20,36}`, Severity: SeverityHigh, Confidence: 0.95, Active: true},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return NewScanner(set)
}

// Of rules that know the same value by a name, the one whose provider is named is
// meant; a format of its own says more than any name.
func TestTheProviderThatIsNamedIsMeant(t *testing.T) {
	scanner := rivals(t)
	for text, want := range map[string]string{
		"acme_key={{lower:24}}":     "acme-or-zeta-key",
		"zeta_key={{lower:24}}":     "zeta-key",
		"zeta_key=omg_{{lower:24}}": "omega-token",
	} {
		found, _ := scanner.FindAll([]byte(expand(t, text)))
		if len(found) != 1 || found[0].Rule.ID != want {
			t.Errorf("%s: %v, want one finding of %s", text, found, want)
		}
	}
}

func TestAProviderIsNamedHoweverItIsWritten(t *testing.T) {
	for _, c := range []struct {
		text, provider string
		want           bool
	}{
		{"NEW_RELIC_KEY=", "New Relic", true}, {"newrelic: ", "New Relic", true}, {"a new key=", "New Relic", false},
		{"monday_token=", "monday.com", false}, {"zetaKey: ", "Zeta Labs", true}, {"key=", "", false},
	} {
		if got := providerNamed([]byte(c.text+"x"), len(c.text), c.provider); got != c.want {
			t.Errorf("%q before a secret of %q: %v", c.text, c.provider, got)
		}
	}
}
