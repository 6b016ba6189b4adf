package model_test

import (
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/detect/internal/model"
)

func TestWhatWasMadeToBeShown(t *testing.T) {
	for value, want := range map[string]bool{
		"sk_abcdefghijkl" + "mnopqrstuvwxyz123":             true,
		"a1b2c3d4e5f6" + "g7h8i9j0k1l2":                     true,
		"sgp_5555555dAAAAA" + "7777777CcccCFaaaaaaaaaaaaaa": true, // cordon:allow
		"1234567890abcdef" + "1234567890abcdef":             true,
		"qov_{{alnum:64}}_1234567890":                       false, // ends in a number that counts by chance
		"xxxbbbyyyzzz":                                      false,
		"{{hex:64}}":                                        false,
		"{{base64:86}}==":                                   false,
		"short":                                             false,
	} {
		text, err := detect.ExpandExample(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := model.Shown([]byte(text)); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// What is asked of every value must not be true of random ones.
func TestRandomValuesAreNeitherShownNorWords(t *testing.T) {
	for _, kind := range []string{"hex:32", "hex:64", "lower:32", "alnum:32", "alnum:40", "base64url:43", "base32:32", "upper:32"} {
		for seed := 'a'; seed <= 'z'; seed++ {
			text, err := detect.ExpandExample("{{" + kind + ":" + string(seed) + "}}")
			if err != nil {
				t.Fatal(err)
			}
			if model.Shown([]byte(text)) || model.Wordy([]byte(text)) {
				t.Errorf("%s: %q is taken for an example or for words", kind, text)
			}
			c := candidate(t, `api_token = "«`+text+`»"`)
			if got := answer(model.Key(c)); got != secret {
				t.Errorf("%s: %s: %s: %v", kind, text, got, model.ExplainKey(c))
			}
		}
	}
}
