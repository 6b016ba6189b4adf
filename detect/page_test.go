package detect

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

const pageIntro = `<!-- Generated from detect/rules and detect/page_test.go by "make generate". Do not edit. -->

# Rules

A rule finds one kind of secret: a regex (RE2), words that tell where to try it, a least entropy, a validator that knows the
format's checksum. %d rules come with Cordon, listed below by family. Beside them stand yours.

## Try, change, switch off

| | command line | API |
|---|---|---|
| list, show | ~cordon rules list~, ~cordon rules show ID~ | ~GET /api/v1/rules~, ~GET /api/v1/rules/{id}~ |
| try on a text | ~cordon rules test FILE~, or ~-~ | ~POST /api/v1/rules/test~, also with a draft |
| switch off, on | ~cordon rules disable ID --reason WHY~, ~cordon rules enable ID~ | ~PUT /api/v1/rules/{id}~ |
| change severity, confidence, regex | dashboard, page Rules | ~PUT /api/v1/rules/{id}~; ~{"reset": true}~ takes it back |
| add one | dashboard, page Rules | ~POST /api/v1/rules~ |
| take over a file | ~cordon rules import FILE~, first with ~--dry-run~ | ~POST /api/v1/rules/import~ |

A change holds at once on every node, without a restart. The whole set is compiled first: a regex that cannot be taken is
refused with its reason and the old set holds on. Each change writes the rule's history (~patterns_history~), an audit record
and the event ~rule.{id}.approved~. A text that is tried is neither stored nor logged, and the examples that a new rule is
tried on are forgotten. A rule that says a live secret itself is refused: write its shape.

~/api/v1/patterns~ and ~POST /api/v1/patterns/{name}/update~ are the same rules under the names of SHHH.

## Rules from files

~~~yaml
leak:
  rules:
    files: [/etc/cordon/acme.yaml, /src/.gitleaks.toml]   # read again on SIGHUP and cordon config reload
    disable: [generic-api-key]                            # not run, whatever is said elsewhere
~~~

A rule with the id of a builtin one takes its place. A file with a mistake, such as a regex that RE2 does not take, is refused with file, line and reason: at the start
the node does not come up, at a reload the old rules stay. ~cordon scan --rules FILE~ takes the same files.

The order: builtin, then files, then what operators changed, then ~disable~.

## Write one

~~~yaml
provider: Acme
recommendation: 'Revoke it at https://acme.example/keys.'
rules:
  - id: acme-api-key
    description: Acme API key
    regex: '\bacme_key_[0-9a-f]{32}\b'    # the first group, or the one named secret, is the secret
    severity: high                        # info, low, medium, high, critical
    confidence: 0.9                       # chance that a match is real
    positives: ['acme_key_{{hex:32}}']
    negatives: ['acme_key_none']
~~~

~cordon rules test acme.yaml~ runs every rule over its own examples. All keys are in detect/README.md. Limits: a regex has at
most 8 KiB and 20,000 steps; a file 1 MiB; operators may add 2,000 rules. A rule that holds no literal of two characters is
tried everywhere, which slows every scan: the lists mark it as slow.

## Take over a .gitleaks.toml

| in the file | here |
|---|---|
| ~id~, ~description~, ~regex~, ~secretGroup~, ~entropy~, ~tags~ | the same; severity high and confidence 0.7, since the file says none |
| ~keywords~ | where the regex holds literals they do the work; else the regex is tried within 256 bytes of a keyword, and that is said |
| allowlists, of rules and of the file: ~regexes~ with ~regexTarget~ secret, match, line; ~stopwords~; ~targetRules~ | the same; a line is looked at for 256 bytes on either side |
| ~paths~, ~commits~ in allowlists; ~condition = "AND"~ of several kinds | no effect, which lets less through; said |
| ~path~ of a rule with a regex | the rule holds everywhere; said |
| ~path~ without a regex, ~skipReport~, ~required~, a rule without a regex | left out, with line and reason |
| ~[extend]~ | Cordon's own rules are in force anyway; other files are imported by themselves; said |
| unknown keys | said |

A rule whose id is taken by a builtin one is refused. To import a file again makes its rules as the file says; it does not
enable what an operator disabled. ~patterns.yaml~ of SHHH is taken over whole: regex, severity, confidence, active.

## The rules
`

// page renders docs/rules.md.
func page(rules []Rule) []byte {
	var b bytes.Buffer
	intro := strings.NewReplacer("~~~", "```", "~", "`").Replace(pageIntro)
	fmt.Fprintf(&b, intro, len(rules))
	family := ""
	for _, r := range rules {
		if r.Family != family {
			family = r.Family
			fmt.Fprintf(&b, "\n### %s\n\n| id | finds | severity | confidence |\n|---|---|---|---|\n", family)
		}
		notes := ""
		if !r.Active {
			notes = " (off)"
		}
		fmt.Fprintf(&b, "| `%s` | %s%s | %s | %.2f |\n", r.ID, strings.ReplaceAll(r.Description, "|", `\|`), notes, r.Severity, r.Confidence)
	}
	return b.Bytes()
}

func TestRulesPageIsFresh(t *testing.T) {
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	file, want := filepath.Join("..", "docs", "rules.md"), page(rules)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/rules.md is stale: run make generate")
	}
}
