package detect_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
)

func TestAWatchSeesWhatIsDecoded(t *testing.T) {
	inner := "the text that nobody sees at first, with a few more words"
	text := `{"data":"` + base64.StdEncoding.EncodeToString([]byte(inner)) + `"}`
	var plain, decoded []string
	report := builtinScanner(t).ScanWatched([]byte(text), func(detect.Finding) bool { return true }, detect.Watch{Text: func(s detect.Text) {
		if !s.Decoded() {
			plain = append(plain, string(s.Bytes))
			return
		}
		if from, to := s.Span(0, len(s.Bytes)); strings.Contains(string(s.Bytes), inner) && slices.Contains(s.Decoders(), "base64") {
			decoded = append(decoded, text[from:to])
		}
	}})
	if !report.Complete() || len(plain) != 1 || plain[0] != text || len(decoded) != 1 || !strings.HasPrefix(decoded[0], base64.StdEncoding.EncodeToString([]byte(inner))[:40]) {
		t.Errorf("%+v, plain %q, decoded %q", report, plain, decoded)
	}
}

func TestAWatchSeesWhatIsBegunAndNotFinished(t *testing.T) {
	token, err := detect.ExpandExample("AKIA{{base32:16}}")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		`{"a":"` + token[:11] + `"}`:   {token[:11]},
		"see " + token[:9] + ".":       {token[:9]},
		token:                          nil,
		"AKIA-something":               nil,
		"nothing begins here, nowhere": nil,
	} {
		var got []string
		builtinScanner(t).ScanWatched([]byte(text), func(detect.Finding) bool { return true }, detect.Watch{Begun: func(s detect.Text, i, j int) {
			if b := string(s.Bytes[i:j]); !slices.Contains(got, b) {
				got = append(got, b)
			}
		}})
		if !slices.Equal(got, want) {
			t.Errorf("%d bytes of text: %q, want %q", len(text), got, want)
		}
	}
}

func builtinScanner(t testing.TB) *detect.Scanner {
	t.Helper()
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return detect.NewScanner(set)
}
