package command

import (
	"strings"
	"testing"
)

// What passwd does to an account is in /etc/shadow and stays.
func TestLockedAccountsAreLocked(t *testing.T) {
	m, _, _ := machine(t)
	for _, c := range []struct{ line, want string }{
		{"passwd -l root; passwd -S root", "root L "},
		{"grep -c '^root:!' /etc/shadow", "1\n"},
		{"passwd -u root; passwd -S root", "root P "},
		{"passwd -d root; passwd -S root", "root NP "},
	} {
		if got := run(t, m, nil, "root", c.line); !strings.Contains(got.out, c.want) {
			t.Errorf("%s: %+v has no %q", c.line, got, c.want)
		}
	}
	if got := run(t, m, nil, "root", "passwd -u root"); got.status != 3 {
		t.Errorf("an account without a password is unlocked: %+v", got)
	}
}
