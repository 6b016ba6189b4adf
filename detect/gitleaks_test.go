package detect

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func importAcme(t testing.TB) Import {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "acme.gitleaks.toml"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := ImportRules(".gitleaks.toml", data)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestImportGitleaksTakesWhatWorksHere(t *testing.T) {
	in := importAcme(t)
	var ids []string
	for _, r := range in.Rules {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); in.Format != FormatGitleaks || got != "acme-token acme-hex acme-deploy-key hex-near-a-word anything-long old-style" {
		t.Fatalf("%s: %s", in.Format, got)
	}
	set, err := Compile(in.Rules, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"x ACMETOK-0123456789abcdef y":                           "acme-token ACMETOK-0123456789abcdef",
		"x SAMPLE-ACMETOK-0123456789abcdef y":                    "", // over the whole match
		"the notreal word counts in the secret only":             "",
		`acme_key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"`:          "acme-hex 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		`acme_md5 = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"`:          "",                                          // over the line
		`acme_key = "000000004b5a69788796a5b4c3d2e1f0"`:          "",                                          // over one rule's secret
		`acme_key = "ffff2d3c4b5a69788796a5b4c3d2e1f0"`:          "acme-hex ffff2d3c4b5a69788796a5b4c3d2e1f0", // the path cannot hold
		`acme_key = "00001111000011110000111100001111"`:          "",                                          // entropy
		"acme-secret 0123456789abcdef0123456789abcdef01234567":   "hex-near-a-word 0123456789abcdef0123456789abcdef01234567",
		"OLD-123456789012":                                       "old-style OLD-123456789012",
		"OLD-123400006789":                                       "",
		"-----BEGIN ACME PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5P": "acme-deploy-key -----BEGIN ACME PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5P", // cordon:allow
	} {
		found, _ := NewScanner(set).FindAll([]byte(text))
		got := ""
		for _, f := range found {
			got = f.Rule.ID + " " + string(f.Secret.Reveal())
		}
		if got != want || len(found) > 1 {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
	for _, r := range in.Rules {
		if r.SecretType != secretTypeOf(r.ID) || r.Severity != SeverityHigh || !r.Active || !slices.Contains(r.Tags, "gitleaks") {
			t.Errorf("%+v", r)
		}
	}
}

// Whatever does not do here what it does in gitleaks is said, with its line.
func TestImportGitleaksSaysWhatItLeavesOut(t *testing.T) {
	in := importAcme(t)
	data, err := os.ReadFile(filepath.Join("testdata", "acme.gitleaks.toml"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	got := map[string]bool{}
	for _, n := range in.Notes {
		got[strings.TrimSpace(lines[n.Line-1])+" | "+map[bool]string{true: "refused "}[n.Refused]+map[bool]string{true: "foreign "}[n.Foreign]+n.Rule+" | "+strings.SplitN(n.Reason, ":", 2)[0]] = true
	}
	want := []string{
		`useDefault = true |  | extend.useDefault`,
		`disabledRules = ["generic-api-key"] |  | extend.disabledRules`,
		`paths = ['''(?:^|/)vendor/''', '''go\.sum$'''] |  | allowlists[0]`,
		`paths = ['''testdata/'''] | acme-hex | paths`,
		`condition = "AND" | acme-hex | condition`,
		`path = '''\.pem$''' | acme-deploy-key | path`,
		`keywords = ["acme-secret"] | hex-near-a-word | keywords`,
		`regex = '''[A-Z0-9]{50}''' | anything-long | regex`,
		`path = '''(?i)\.p12$''' | refused foreign key-files | path`,
		`skipReport = true | refused foreign helper | skipReport`,
		`[[rules.required]] | refused foreign composite | required`,
		`id = "github-pat" | refused foreign github-pat | regex`,
		`regex = '''(?<!x)acme_[0-9]{9}''' | refused perl | regex`,
		`id = "acme-token" | refused acme-token | id`,
		`colour = "red" |  | rules.colour is not known and has no effect`,
		`commits = ["0123456789abcdef"] | old-style | commits`,
	}
	for _, w := range want {
		if !got[w] {
			t.Errorf("not said: %s", w)
		}
		delete(got, w)
	}
	for g := range got {
		t.Errorf("said: %s", g)
	}
	for i, r := range in.Rules {
		if line := lines[in.Lines[i]-1]; line != `id = "`+r.ID+`"` {
			t.Errorf("%s is said to stand at %q", r.ID, line)
		}
	}
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no TOML":       {"a.toml", "[[rules]\nid = 1", "a.toml:1:"},
		"another type":  {"a.toml", "title = \"x\"\n[[rules]]\nid = 5\n", "a.toml:3:"},
		"no YAML":       {"a.yaml", "rules: [", "a.yaml:"},
		"nothing known": {"a.txt", "hello", "a.txt:1: this is no rule file"},
		"empty":         {"content", "", "content:1: this is no rule file"},
	} {
		if in, err := ImportRules(c.file, []byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %+v, error %v", name, in, err)
		}
	}
}

func TestTheFormatIsKnownByNameOrContent(t *testing.T) {
	const toml = "[[rules]]\nid = \"a\"\nregex = '''AAA-[0-9]{9}'''\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"gitleaks by name":    {".gitleaks.toml", toml, FormatGitleaks},
		"gitleaks by content": {"content", "# ours\n" + toml, FormatGitleaks},
		"shhh":                {"content", shhhPatterns, FormatSHHH},
		"cordon":              {"content", goodRule, FormatCordon},
	} {
		in, err := ImportRules(c.file, []byte(c.text))
		if err != nil || in.Format != c.want || len(in.Rules) == 0 || len(in.Lines) != len(in.Rules) || len(in.Notes) > 0 {
			t.Errorf("%s: %+v, %v", name, in, err)
		}
	}
}

func TestABadPatternIsLeftOutAndTheOthersAreTaken(t *testing.T) {
	in, err := ImportRules("patterns.yaml", []byte(strings.Replace(shhhPatterns, "ghp_[", "ghp_(?!x)[", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Rules) != 2 || len(in.Notes) != 1 || in.Notes[0].Line != 8 || !in.Notes[0].Refused || in.Notes[0].Rule != "GITHUB_TOKEN" {
		t.Errorf("%+v", in)
	}
	if in.Rules[1].Validator != "pem" {
		t.Error("a private key would be found by its first line only")
	}
}

func FuzzImportRules(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "acme.gitleaks.toml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("[[rules]]\nid=\"a\"\nregex=\"AB-[0-9]{9}\"\n[[rules.allowlists]]\nregexTarget=\"line\"\nregexes=[\"(\"]")
	f.Add("rules = [{id = 'a', regex = 'AB-[0-9]{9}'}]\n[extend]\npath = 'x'")
	f.Add(shhhPatterns)
	f.Add(goodRule)
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"f.toml", "f.yaml", "f"} {
			in, err := ImportRules(name, []byte(text))
			if err != nil {
				if !strings.HasPrefix(err.Error(), name+":") {
					t.Errorf("error doesn't name the file: %v", err)
				}
				continue
			}
			for _, n := range in.Notes {
				if n.Line < 1 || n.Line > strings.Count(text, "\n")+1 || n.Reason == "" {
					t.Errorf("note %+v of a text of %d lines", n, strings.Count(text, "\n")+1)
				}
			}
			if _, err := Compile(in.Rules, Options{}); err != nil {
				t.Errorf("imported but not compiled: %v", err)
			}
		}
	})
}
