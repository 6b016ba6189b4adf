package door

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

const (
	maxLogins   = 4096     // that are remembered
	maxMotd     = 16 << 10 // bytes of /etc/motd that are shown
	maxAccounts = 256 << 10
)

// Last is a login: when, from where and at which terminal.
type Last struct {
	At   time.Time
	From string
	TTY  string
}

// Memory is what the doors of one decky remember together. It is safe for
// concurrent use; the zero value remembers nothing.
type Memory struct {
	Passwords passwords.Memory

	mu     sync.Mutex
	logins passwords.Recent[account, *Last]
}

type account struct {
	client netip.Addr
	user   string
}

// Swap returns the login before this one, of a user by a client, nil when none
// was seen, and keeps this one.
func (m *Memory) Swap(client netip.Addr, user string, now Last) *Last {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := account{client, user}
	m.logins.Max = maxLogins
	known, ok := m.logins.Get(a)
	if !ok {
		m.logins.Put(a, &now)
		return nil
	}
	before := *known
	*known = now
	return &before
}

// Hushed reports whether a user wants no greeting. files are his.
func Hushed(files *vfs.View) bool {
	_, err := files.Stat(".hushlogin")
	return err == nil
}

// Motd is what Debian shows who logs in at a terminal: the kernel's name
// (/etc/update-motd.d/10-uname) and the message of the day.
func Motd(p *persona.Persona, files *vfs.View) string {
	text := fmt.Sprintf("Linux %s %s %s %s\n", p.Hostname, p.OS.Release, p.OS.Build, p.OS.Machine)
	if motd, err := files.ReadFirst("/etc/motd", maxMotd); err == nil {
		text += string(motd)
	}
	return text
}

// Zone is that of a machine's clock.
func Zone(p *persona.Persona) *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// Lastlog reads a user's record in /var/log/lastlog, of 292 bytes: the time
// in seconds, the terminal (32 bytes) and the host (256 bytes); nil when the user
// has none.
func Lastlog(files *vfs.View, user string) *Last {
	uid, ok := uidOf(files, user)
	if !ok {
		return nil
	}
	f, err := files.Open("/var/log/lastlog", vfs.O_RDONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	record := make([]byte, 292)
	if n, err := f.ReadAt(record, int64(uid)*292); n < len(record) {
		_ = err // the file ends before
		return nil
	}
	seconds := binary.LittleEndian.Uint32(record)
	tty, _, _ := strings.Cut(string(record[4:36]), "\x00")
	host, _, _ := strings.Cut(string(record[36:]), "\x00")
	if seconds == 0 || host == "" {
		return nil
	}
	return &Last{time.Unix(int64(seconds), 0), host, tty}
}

func uidOf(files *vfs.View, user string) (int, bool) {
	passwd, err := files.ReadFirst("/etc/passwd", maxAccounts)
	if err != nil {
		return 0, false
	}
	for line := range strings.SplitSeq(string(passwd), "\n") {
		if f := strings.Split(line, ":"); len(f) > 2 && f[0] == user {
			uid, err := strconv.ParseUint(f[2], 10, 16)
			return int(uid), err == nil
		}
	}
	return 0, false
}
