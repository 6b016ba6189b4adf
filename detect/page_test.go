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
format's checksum. %d rules for %d providers come with Cordon, listed below by family. Beside them stand yours.

## Try, change, switch off

| | command line | API |
|---|---|---|
| list, show | ~cordon rules list~, ~cordon rules show ID~ | ~GET /api/v1/rules~, ~GET /api/v1/rules/{id}~ |
| begin a new one | ~cordon rules new ID --prefix acme_ --charset hex --length 32~ | |
| try a file on its own examples; find what is weak | ~cordon rules test FILE~, ~cordon rules lint FILE~ | |
| measure what each costs | ~cordon rules bench TEXTFILE~ | |
| explain why a text is found, or is not | ~cordon rules why ID TEXT~, or ~-~ | |
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

Each family is a file, ~detect/rules/FAMILY.yaml~, written from what its providers say in public of their formats. The format is
the regex as it stands there (RE2), or, of a value that only its name gives away, the name and the value. An example holds
placeholders, as in the file: ~{{hex:32}}~ is 32 hexadecimal digits (~detect.ExpandExample~ lists them). Confidence is the chance
that a match is real before it was checked; what is checked is a checksum, a structure, the entropy in bits per character. What
is revoked by hand is revoked where the alert says.

`

// page renders docs/rules.md: a table for each family. A row that would itself
// be found says that it may stand there.
func page(t *testing.T, rules []Rule) []byte {
	t.Helper()
	set, err := Compile(rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	scanner := NewScanner(set)
	var b bytes.Buffer
	intro := strings.NewReplacer("~~~", "```", "~", "`").Replace(pageIntro)
	fmt.Fprintf(&b, intro, len(rules), len(providers(rules)))
	families := byFamily(rules)
	for i, f := range families {
		b.WriteString(map[bool]string{true: "", false: " · "}[i == 0])
		fmt.Fprintf(&b, "[%s](#%s) (%d)", f[0].Family, f[0].Family, len(f))
	}
	b.WriteString("\n")
	for _, f := range families {
		fmt.Fprintf(&b, "\n### %s\n\n| id | finds | format | example | severity | confidence | checked by | revoked by |\n|---|---|---|---|---|---|---|---|\n", f[0].Family)
		for _, r := range f {
			row := pageRow(r, "")
			if found, _ := scanner.FindAll([]byte(row)); len(found) > 0 {
				row = pageRow(r, " <!-- cordon:allow -->")
			}
			b.WriteString(row)
		}
	}
	return b.Bytes()
}

func providers(rules []Rule) map[string]bool {
	all := map[string]bool{}
	for _, r := range rules {
		if r.Provider != "" {
			all[r.Provider] = true
		}
	}
	return all
}

// byFamily groups rules, which stand in the order of their files.
func byFamily(rules []Rule) (all [][]Rule) {
	for i, r := range rules {
		if i == 0 || rules[i-1].Family != r.Family {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], r)
	}
	return all
}

func pageRow(r Rule, remark string) string {
	finds, example, revoker := r.Description, "", "hand"
	if !r.Active {
		finds += " (off)"
	}
	if len(r.Positives) > 0 {
		example = code(r.Positives[0], 80)
	}
	if r.Revoker != "" {
		revoker = "`" + r.Revoker + "`"
	}
	cells := []string{"`" + r.ID + "`", cell(finds), pageFormat(r), example + remark, r.Severity.String(), fmt.Sprintf("%.2f", r.Confidence), pageChecks(r), revoker}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// pageFormat is the regex; of a value that its name gives away, name and value.
func pageFormat(r Rule) string {
	names, rest, assigned := strings.Cut(r.Regex, operator)
	if !assigned {
		return code(r.Regex, 100)
	}
	value := strings.TrimSuffix(strings.TrimPrefix(rest, "(?P<secret>"), `)(?:[^\w\-+/=]|\z)`)
	names = strings.TrimSuffix(strings.TrimPrefix(names, "(?i:"), ")")
	return "named " + code(names, 60) + ", then " + code(value, 60)
}

// pageChecks are what a match has to pass beside its regex.
func pageChecks(r Rule) string {
	var all []string
	if r.Validator != "" {
		all = append(all, "`"+r.Validator+"`")
	}
	if r.Entropy > 0 {
		all = append(all, fmt.Sprintf("entropy %g", r.Entropy))
	}
	if r.Near > 0 {
		all = append(all, fmt.Sprintf("a keyword within %d bytes", r.Near))
	}
	return strings.Join(all, ", ")
}

// cell is text for a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// code is text in a cell as it stands, cut to so many characters of its first
// line.
func code(text string, most int) string {
	line, _, more := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > most {
		line, more = string(runes[:most]), true
	}
	if more {
		line += "…"
	}
	quote := "`"
	if strings.Contains(line, "`") {
		quote = "``"
		line = " " + line + " "
	}
	return quote + cell(line) + quote
}

func TestRulesPageIsFresh(t *testing.T) {
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	file, want := filepath.Join("..", "docs", "rules.md"), page(t, rules)
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
