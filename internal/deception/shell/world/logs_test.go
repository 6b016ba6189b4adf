package world

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// A log that somebody looks at again later has what it had, and more below it;
// what stat says of it agrees.
func TestLogsGoOn(t *testing.T) {
	now := noon.Add(time.Hour)
	clock := func() time.Time { return now }
	v := vfs.New(Tree(who(t, "a", "web-server"), clock), clock, vfs.Limits{}).As(vfs.Cred{})
	logs := []string{"/var/log/auth.log", "/var/log/syslog", "/var/log/cron.log", "/var/log/nginx/access.log", "/var/log/wtmp"}
	before := map[string]string{}
	for _, name := range logs {
		before[name] = content(t, v, name)
	}
	now = now.Add(9 * time.Hour)
	for _, name := range logs {
		text := content(t, v, name)
		if !strings.HasPrefix(text, before[name]) {
			t.Errorf("%s has another past", name)
		}
		if len(text) == len(before[name]) && name != "/var/log/wtmp" {
			t.Errorf("%s ended when the tree was built", name)
		}
		i, err := v.Stat(name)
		if err != nil || i.Size != int64(len(text)) || i.Mtime.After(now) {
			t.Errorf("%s has %d bytes; stat says %d, %v, %v", name, len(text), i.Size, i.Mtime, err)
		}
		if name == "/var/log/auth.log" && now.Sub(i.Mtime) > time.Hour+2*time.Minute {
			t.Errorf("%s was written last at %v", name, i.Mtime)
		}
	}
	now = now.AddDate(0, 0, 7)
	if old := content(t, v, "/var/log/auth.log.1"); !strings.HasPrefix(old, before["/var/log/auth.log"]) {
		t.Error("auth.log.1 is not the auth.log of last week")
	}
}

// Times that an attacker set stay until the log is written to again, and what he
// wrote himself stays as it is.
func TestAnAttackersLogsAreHis(t *testing.T) {
	now := noon.Add(time.Hour + 20*time.Minute)
	clock := func() time.Time { return now }
	v := vfs.New(Tree(who(t, "a", "linux-server"), clock), clock, vfs.Limits{}).As(vfs.Cred{})
	past := noon.AddDate(-1, 0, 0)
	if err := v.Chtimes("/var/log/auth.log", past, past); err != nil {
		t.Fatal(err)
	}
	if i, err := v.Stat("/var/log/auth.log"); err != nil || !i.Mtime.Equal(past) {
		t.Errorf("the time that was set is %v, %v", i.Mtime, err)
	}
	if err := v.WriteFile("/var/log/syslog", []byte("gone\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	if i, err := v.Stat("/var/log/auth.log"); err != nil || !i.Mtime.After(noon) {
		t.Errorf("after more lines the time is %v, %v", i.Mtime, err)
	}
	if text := content(t, v, "/var/log/syslog"); text != "gone\n" {
		t.Errorf("syslog is %q", text)
	}
}
