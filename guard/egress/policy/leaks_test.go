package policy_test

import (
	"slices"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func parsed(t *testing.T, doc string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPatternsAreRead(t *testing.T) {
	p := parsed(t, "data_leak_prevention:\n  sensitive_patterns:\n    - 'PRJ-[0-9]{6}'\n    - {pattern: 'acme internal', id: acme, description: memos, action: block}\n    - {pattern: 'abc', action: alert}\n")
	want := []policy.Pattern{{ID: "pattern-1", Regex: "PRJ-[0-9]{6}", Line: 3}, {ID: "acme", Regex: "acme internal", Line: 4}}
	if got := p.Patterns(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if notes := p.Unsupported(); len(notes) != 1 || notes[0].Line != 5 {
		t.Errorf("%+v", notes)
	}
	if got := parsed(t, "mode: strict\n"); got.Patterns() != nil || !got.Settings().ScanPersonal {
		t.Errorf("%+v", got.Settings())
	}
	if got := parsed(t, "data_leak_prevention: {personal: false}\n"); got.Settings().ScanPersonal || !got.Settings().ScanLeaks {
		t.Errorf("%+v", got.Settings())
	}
}

func TestBlockedFiles(t *testing.T) {
	p := parsed(t, "data_leak_prevention: {blocked_extensions: [.env, .p12, .key, id_rsa, kubeconfig]}\nallowlist: {rules: [{host: a.example}]}\n")
	for _, tt := range []struct {
		name string
		as   []string
		want policy.Reason
	}{
		{"prod.env", nil, policy.ReasonBlockedExtension},
		{".env", nil, policy.ReasonBlockedExtension},
		{".env.local", nil, policy.ReasonBlockedExtension},
		{`C:\Users\me\server.KEY`, nil, policy.ReasonBlockedExtension},
		{"/home/me/.ssh/id_rsa", nil, policy.ReasonBlockedExtension},
		{"server.key. ", nil, policy.ReasonBlockedExtension},
		{"server.key::$DATA", nil, policy.ReasonBlockedExtension},
		{"server.key\x00.txt", nil, policy.ReasonBlockedExtension},
		{"holiday.jpg", []string{".p12", ".pfx"}, policy.ReasonBlockedFile},
		{"", []string{"kubeconfig"}, policy.ReasonBlockedFile},
		{"id_rsa.pub", nil, policy.ReasonRule},
		{"environment", nil, policy.ReasonRule},
		{"keyboard.keymap", []string{".jks"}, policy.ReasonRule},
		{"my id_rsa notes.txt", nil, policy.ReasonRule},
	} {
		f := policy.File{Name: tt.name, As: tt.as}
		r := policy.Request{Host: "a.example", Port: 80, Protocol: policy.HTTP, Method: "POST", Path: "/", Files: []policy.File{f}}
		if d := p.Decide(r); d.Reason != tt.want || p.BlocksFile(f) != (tt.want != policy.ReasonRule) {
			t.Errorf("%q %v: %s, want %s", tt.name, tt.as, d.Reason, tt.want)
		}
	}
	if none := parsed(t, "mode: strict\n"); none.BlocksFiles() || none.BlocksFile(policy.File{Name: ".env"}) {
		t.Error("nothing is to be blocked")
	}
}
