package attacker

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table of README.md is the score as it is counted.
func TestTheREADMEHasTheScore(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var told, counted []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| (\\d+) \\| (\\d+) \\| (\\d+) \\|$").FindAllStringSubmatch(string(text), -1) {
		told = append(told, fmt.Sprint(row[1:]))
	}
	for _, r := range (Attacker{}).rules() {
		counted = append(counted, fmt.Sprint([]string{r.name, fmt.Sprint(r.once), fmt.Sprint(r.each), fmt.Sprint(r.most)}))
	}
	if diff := cmp.Diff(counted, told); diff != "" || len(told) == 0 {
		t.Errorf("-counted +told:\n%s", diff)
	}
}
