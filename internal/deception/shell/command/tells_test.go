package command

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// What bots and people ask first on a host that may be a decoy, with the answers of a real
// Debian 12: each line gave other decoys away (public reports about them).
func TestWhatIsAskedFirst(t *testing.T) {
	m, _, s := machine(t)
	p := m.Persona()
	for _, tt := range []struct{ line, says string }{
		{"touch /proc/x", "touch: cannot touch '/proc/x': No such file or directory\n"},
		{"touch /sys/x", "touch: cannot touch '/sys/x': Permission denied\n"},
		{"touch /dev/pts/x", "touch: cannot touch '/dev/pts/x': Permission denied\n"},
		{"echo a > /proc/x", "bash: line 1: /proc/x: No such file or directory\n"},
		{"echo a > /sys/x", "bash: line 1: /sys/x: Permission denied\n"},
		{"echo a > /dev/pts/x", "bash: line 1: /dev/pts/x: Permission denied\n"},
		{"mkdir /proc/d", "mkdir: cannot create directory ‘/proc/d’: No such file or directory\n"},
		{"mkdir /sys/d", "mkdir: cannot create directory ‘/sys/d’: Operation not permitted\n"},
		{"rm /tmp/nothing", "rm: cannot remove '/tmp/nothing': No such file or directory\n"},
		{"rm /proc/version", "rm: cannot remove '/proc/version': Operation not permitted\n"},
		{"uname -s -v -n -r -m", fmt.Sprintf("Linux %s %s %s x86_64\n", p.Hostname, p.OS.Release, p.OS.Build)},
		{"uname -a", fmt.Sprintf("Linux %s %s %s x86_64 GNU/Linux\n", p.Hostname, p.OS.Release, p.OS.Build)},
		{"nproc", fmt.Sprintln(p.CPUs)},
		{"grep -c ^processor /proc/cpuinfo", fmt.Sprintln(p.CPUs)},
		{`echo -ne '\x41\x42'`, "AB"},
		{`echo -ne '\\x0181c46036\\x01'`, `\x0181c46036\x01`},
		{"/bin/busybox ZONESEC", "bash: line 1: /bin/busybox: No such file or directory\n"},
		{"nosuchprogram || echo else", "bash: line 1: nosuchprogram: command not found\nelse\n"},
		{"false || true && echo yes", "yes\n"},
		{"echo a b c | head -c 3; echo; seq 9 | tail -n 1", "a b\n9\n"},
		{"cat /etc/hostname", p.Hostname + "\n"},
	} {
		got := run(t, m, s, "root", tt.line)
		if all := got.out + got.err; all != tt.says && got.err+got.out != tt.says {
			t.Errorf("%s says %q, a real one %q", tt.line, all, tt.says)
		}
	}
	home := run(t, m, s, "root", "ls /home; ps aux; cat /etc/passwd; hostname").out
	if found := regexp.MustCompile(`\b(phil|richard|svr04|nas3|Jun2[23])\b`).FindString(home); found != "" {
		t.Errorf("it has %q, as another decoy has", found)
	}
	for _, u := range p.Users {
		if !strings.Contains(home, u.Name) {
			t.Errorf("%s has no home or no account", u.Name)
		}
	}
	if moo := run(t, m, s, "root", "apt-get moo"); !strings.Contains(moo.out, "Have you mooed today?") {
		t.Errorf("apt-get moo says %q", moo.out+moo.err)
	}
}
