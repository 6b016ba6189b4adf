package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSentencesAreBrokenBetweenWords(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"what fits": {"short\n", "short\n"},
		"a sentence": {
			"This secret was found where it does not belong\n",
			"This secret was found where it\n  does not belong\n",
		},
		"a paragraph": {
			"  This secret was found where it does not\n",
			"  This secret was found where it\n  does not\n",
		},
		"a fact": {
			"title        Leaked secret in use: KEY\n",
			"title        Leaked secret in\n             use: KEY\n",
		},
		"a step": {
			"  1. Deactivate the key in IAM, then delete it\n",
			"  1. Deactivate the key in IAM,\n     then delete it\n",
		},
		"a line of a timeline, whose sentence begins too far right": {
			"2026-11-23 15:03:23  detection  leak  KEY found\n",
			"2026-11-23 15:03:23 detection\n  leak KEY found\n",
		},
		"a command by itself": {
			"     cordon incident resolve 01a208ee \"what was done\"\n",
			"     cordon incident resolve 01a208ee \"what was done\"\n",
		},
		"a command at the end": {
			"cordon: no server runs; start one with: cordon serve\n",
			"cordon: no server runs; start\n  one with: cordon serve\n",
		},
		"a command between": {
			"the file was not scanned; `cordon doctor` says why\n",
			"the file was not scanned;\n  `cordon doctor` says why\n",
		},
		"a command with something left out": {
			"no webhooks; cordon webhook add ID --url https://... --preset Leaks\n",
			"no webhooks;\n  cordon webhook add ID --url https://... --preset Leaks\n",
		},
		"a word that is too long": {
			"fingerprint  v1:839c6791:27d3fc597d9c5c7a0a373ab121c7f88c\n",
			"fingerprint  v1:839c6791:27d3fc597d9c5c7a0a373ab121c7f88c\n",
		},
		"several lines, the last without an end": {"one\n\ntwo", "one\n\ntwo"},
	} {
		if got := fold(tt.text, 32); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// Breaking lines changes nothing but room, and makes no line too wide that could be
// narrower.
func TestNothingIsLostByBreaking(t *testing.T) {
	word := rapid.StringMatching("[a-zé:;`.]{1,12}|cordon")
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Repeat(" ", rapid.IntRange(0, 6).Draw(t, "indent")) + strings.Join(rapid.SliceOfN(word, 1, 20).Draw(t, "words"), " ")
		got := fold(line, 40)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(line), " ") {
			t.Fatalf("%q became %q", line, got)
		}
		if !strings.ContainsAny(line, "`") && !strings.Contains(line, "cordon") {
			for part := range strings.SplitSeq(got, "\n") {
				if utf8.RuneCountInString(part) > 40 {
					t.Fatalf("%q is too wide, of %q", part, line)
				}
			}
		}
	})
}
