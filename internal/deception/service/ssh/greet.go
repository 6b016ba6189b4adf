package ssh

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

const (
	maxLogins   = 4096     // that are remembered
	maxMotd     = 16 << 10 // bytes of /etc/motd that are shown
	maxAccounts = 256 << 10
)

// logins remembers who logged in last, by client and user, beyond what the
// machine's own record says.
type logins struct {
	mu  sync.Mutex
	all passwords.Recent[account, *lastLogin]
}

type account struct {
	client netip.Addr
	user   string
}

type lastLogin struct {
	at   time.Time
	from string
}

// swap returns the last login of an account, nil when none was seen, and keeps
// the one of now.
func (l *logins) swap(a account, now time.Time) *lastLogin {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Max = maxLogins
	known, ok := l.all.Get(a)
	if !ok {
		l.all.Put(a, &lastLogin{now, a.client.String()})
		return nil
	}
	before := *known
	known.at = now
	return &before
}

// greet writes what Debian shows who logs in at a terminal: the kernel's name
// (/etc/update-motd.d/10-uname), the message of the day and the last login.
func (ch *channel) greet(w io.Writer) {
	files, err := ch.machine.View(ch.user)
	if err != nil {
		return
	}
	last := ch.server.logins.swap(account{ch.session.Client().Addr(), ch.user}, ch.clock.Now())
	if _, err := files.Stat(".hushlogin"); err == nil {
		return
	}
	p := ch.persona
	text := fmt.Sprintf("Linux %s %s %s %s\n", p.Hostname, p.OS.Release, p.OS.Build, p.OS.Machine)
	if motd, err := files.ReadFile("/etc/motd"); err == nil {
		text += string(motd[:min(len(motd), maxMotd)])
	}
	if last == nil {
		last = lastlog(files, ch.user)
	}
	if last != nil {
		text += fmt.Sprintf("Last login: %s from %s\n", last.at.In(ch.zone()).Format(time.ANSIC), last.from)
	}
	_, _ = io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n")) // the client may be gone
}

// zone is that of the machine's clock.
func (v *visit) zone() *time.Location {
	if zone, err := time.LoadLocation(v.persona.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// lastlog reads a user's record in /var/log/lastlog, of 292 bytes: the time
// in seconds, the terminal (32 bytes) and the host (256 bytes); nil when he has
// none.
func lastlog(files *vfs.View, user string) *lastLogin {
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
	host, _, _ := strings.Cut(string(record[36:]), "\x00")
	if seconds == 0 || host == "" {
		return nil
	}
	return &lastLogin{time.Unix(int64(seconds), 0), host}
}

func uidOf(files *vfs.View, user string) (int, bool) {
	passwd, err := files.ReadFile("/etc/passwd")
	if err != nil {
		return 0, false
	}
	for line := range strings.SplitSeq(string(passwd[:min(len(passwd), maxAccounts)]), "\n") {
		if f := strings.Split(line, ":"); len(f) > 2 && f[0] == user {
			uid, err := strconv.ParseUint(f[2], 10, 16)
			return int(uid), err == nil
		}
	}
	return 0, false
}
