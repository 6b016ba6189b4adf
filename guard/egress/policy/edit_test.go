package policy_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// changeOf reads the comment of an archive: the change, as a person would ask for it.
func changeOf(t *testing.T, words []string) policy.Change {
	t.Helper()
	switch words[0] {
	case "add", "deny":
		r, err := policy.ParseTarget(words[1])
		if err != nil {
			t.Fatal(err)
		}
		r.Description, r.Deny = strings.Join(words[2:], " "), words[0] == "deny"
		return policy.AddRule(r)
	case "add-everything":
		return policy.AddRule(everything())
	case "remove":
		return policy.RemoveRule(words[1])
	case "mode":
		return policy.SetMode(policy.Mode(words[1]))
	case "enable", "disable":
		return policy.SetNetwork(words[0] == "enable")
	}
	t.Fatalf("no change is called %s", words[0])
	return policy.Change{}
}

func TestARuleThatIsThereIsNotAddedAgain(t *testing.T) {
	doc := []byte("denylist: {rules: [{host: a.example, ports: [443]}]}\n")
	r := policy.Rule{Host: "a.example", Ports: []policy.PortRange{{443, 443}}}
	if _, err := policy.Edit(doc, policy.AddRule(r)); err != nil {
		t.Errorf("another list: %v", err)
	}
	r.Deny = true
	if _, err := policy.Edit(doc, policy.AddRule(r)); !errors.Is(err, policy.ErrThere) || err.Error() != `rule "deny:a.example:443" in line 1 says that already` {
		t.Errorf("the same: %v", err)
	}
}

// everything is a rule with every field.
func everything() policy.Rule {
	return policy.Rule{
		ID: "all", Host: "*.example.com", Ports: []policy.PortRange{{443, 443}, {8000, 8099}},
		Protocols: []policy.Protocol{policy.HTTPS, policy.MCP}, Methods: []string{"GET", "POST"}, Paths: []string{"/v1", "/a:b"}, Tools: []string{"search", "files_*"},
		Addresses: []string{"10.0.0.0/8"}, InterceptTLS: policy.Yes,
		Programs:    []policy.ProgramMatch{{Exe: "/usr/bin/curl"}, {Cmdline: `* "quoted" {x}, *`, User: "no"}},
		Windows:     []policy.Window{{Days: []time.Weekday{1, 5}, From: 480, To: 1440, Offset: 90 * time.Minute}},
		Expires:     time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
		Description: `say "why": # not a comment`, VerifiedBy: "ops", VerifiedAt: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	}
}

// TestEdit runs the archives of testdata/edit: each has documents before and after,
// named after their case, and the change in the name of the file before.
func TestEdit(t *testing.T) {
	files, err := filepath.Glob("testdata/edit/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			for i := 0; i+1 < len(a.Files); i += 2 {
				editCase(t, a.Files[i], a.Files[i+1])
			}
		})
	}
}

func editCase(t *testing.T, before txtar.File, after txtar.File) {
	words := strings.Fields(before.Name)
	got, err := policy.Edit(before.Data, changeOf(t, words))
	if want, fails := strings.CutPrefix(after.Name, "error "); fails {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", before.Name, err, want)
		}
		return
	}
	if err != nil || !bytes.Equal(got, after.Data) {
		t.Errorf("%s: %v\n%s--- want\n%s", before.Name, err, got, after.Data)
	}
	crlf, err := policy.Edit(bytes.ReplaceAll(before.Data, []byte("\n"), []byte("\r\n")), changeOf(t, words))
	if err != nil || !bytes.Equal(crlf, bytes.ReplaceAll(after.Data, []byte("\n"), []byte("\r\n"))) {
		t.Errorf("%s, with CRLF: %v\n%q", before.Name, err, crlf)
	}
}

func TestARuleComesBackAsItWasWritten(t *testing.T) {
	doc, err := policy.Edit(policy.Starter(), policy.AddRule(everything()))
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(doc))
	if d := policy.Diff(parse(t, string(doc)), p); len(d) != 0 {
		t.Errorf("a policy differs from itself: %v", d)
	}
	back, err := policy.Edit(doc, policy.RemoveRule("all"))
	if err != nil {
		t.Fatal(err)
	}
	if d := policy.Diff(parse(t, string(back)), parse(t, string(policy.Starter()))); len(d) != 0 {
		t.Errorf("what is added and removed leaves a trace: %v", d)
	}
}

// Whatever the document, an edit that succeeds did what it should and nothing else:
// Edit itself compares, so that here only its promises on failure are left.
func FuzzEdit(f *testing.F) {
	f.Add(policy.Starter())
	f.Add([]byte("allowlist: {rules: [{host: a.example}, {host: b.example}]}\n"))
	f.Add([]byte("{mode: audit, allowlist: {rules: []}}"))
	f.Add([]byte("allowlist:\n  rules:\n  - host: a.example # x\n\n  # y\n  - {host: b.example}\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r := policy.Rule{Host: "added.example", Ports: []policy.PortRange{{443, 443}}}
		edited, err := policy.Edit(doc, policy.AddRule(r), policy.SetMode(policy.Audit))
		if err != nil {
			return
		}
		p := parse(t, string(edited))
		if p.Settings().Mode != policy.Audit {
			t.Error("the mode was not set")
		}
		back, err := policy.Edit(edited, policy.RemoveRule("added.example:443"))
		if err != nil {
			t.Fatalf("what was added cannot be removed: %v\n%s", err, edited)
		}
		for _, left := range parse(t, string(back)).Rules() {
			if left.Host == r.Host && !left.Deny && left.Target() == r.Target() && left.Line > 0 && !strings.Contains(left.ID, "allowed_hosts") {
				t.Errorf("rule %q is still there", left.ID)
			}
		}
	})
}
