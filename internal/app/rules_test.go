package app

import "testing"

func TestWordsOfPeopleLoseTheSecretsInThem(t *testing.T) {
	words := (&node{}).words()
	token := "ghp_" + "R7kq2Lw9zTbX4mA1c3D5e7F9gH2iJ4kL6mN8"
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
