package app

import (
	"testing"

	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

func TestWordsOfPeopleLoseTheSecretsInThem(t *testing.T) {
	m, err := rules.New(rules.Deps{Store: &rulestest.Memory{}, Node: "node-1/rules"})
	if err != nil {
		t.Fatal(err)
	}
	words := (&node{rules: m}).words()
	token := "ghp_" + "R7kq2Lw9zTbX4mA1c3D5e7F9gH2iJ4kL6mN8" // cordon:allow
	for text, want := range map[string]string{
		"":                    "",
		"live token, revoked": "live token, revoked",
		token + " is revoked": "ghp_****mN8 is revoked",
	} {
		if got := words(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
