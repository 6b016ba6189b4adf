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

// An attacker who is root writes what he likes into the system's databases. What is no
// entry there is left alone: no program crashes over it.
func TestLinesThatAreNoEntriesAreLeftAlone(t *testing.T) {
	m, _, _ := machine(t)
	for _, c := range []struct{ line, file string }{
		{"echo root:newpass | chpasswd", "/etc/shadow"}, // cordon:allow
		{"printf 'a\na\n' | passwd root", "/etc/shadow"},
		{"passwd -l root", "/etc/shadow"},
		{"passwd -S root", "/etc/shadow"},
		{"usermod -p x root", "/etc/shadow"},
		{"usermod -G odd root", "/etc/group"},
		{"groupdel odd", "/etc/group"},
		{"usermod -s /bin/sh odd", "/etc/passwd"},
	} {
		name := map[string]string{"/etc/shadow": "root", "/etc/group": "odd", "/etc/passwd": "odd"}[c.file]
		got := run(t, m, nil, "root", "echo "+name+" > "+c.file+".new; cp "+c.file+" /tmp/old; mv "+c.file+".new "+c.file+"; "+c.line+"; s=$?; cat "+c.file+"; mv /tmp/old "+c.file+"; exit $s")
		if got.status == 139 || !strings.Contains(got.out, name+"\n") {
			t.Errorf("%s: %+v", c.line, got)
		}
	}
}
