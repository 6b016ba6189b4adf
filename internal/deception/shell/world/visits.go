package world

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Visit is a login of the machine's own people.
type Visit struct {
	User     string
	From     netip.Addr
	TTY      string
	PID      int
	In, Out  time.Time
	Commands []string // what he ran through sudo
}

// Location is the time zone of the machine's clock.
func Location(p *persona.Persona) *time.Location {
	l, err := time.LoadLocation(p.Zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// LogStart is when the current wtmp begins: on the first of the month, when it
// is rotated, or with the installation.
func LogStart(p *persona.Persona, now time.Time) time.Time {
	local := now.In(Location(p))
	start := time.Date(local.Year(), local.Month(), 1, 0, 0, 8, 0, local.Location())
	if start.Before(p.Installed) {
		return p.Installed.Add(30 * time.Minute)
	}
	return start
}

// Visits returns the logins between two times that have ended, oldest first.
func Visits(p *persona.Persona, from, to time.Time) (out []Visit) {
	from = from.In(Location(p))
	day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	for ; day.Before(to); day = day.AddDate(0, 0, 1) {
		for _, v := range visitsOf(p, day) {
			if v.In.After(from) && v.Out.Before(to) && !(v.In.Before(p.Booted) && v.Out.After(p.Booted)) {
				out = append(out, v)
			}
		}
	}
	return out
}

// visits are those of a log. Nobody comes after the tree was built: he would have
// to be in the process table, too.
func (b *builder) visits(from, to time.Time) []Visit {
	if to.After(b.born) {
		to = b.born
	}
	return Visits(b.p, from, to)
}

// lastVisit is when somebody came last.
func (b *builder) lastVisit() time.Time {
	all := b.visits(b.born.AddDate(0, -3, 0), b.born)
	if len(all) == 0 {
		return b.p.Installed
	}
	return all[len(all)-1].In
}

// visitsOf invents the logins of one day: none on most weekends, at the hours of
// an office, one after the other.
func visitsOf(p *persona.Persona, day time.Time) (out []Visit) {
	r := p.Rand("world: visits " + day.Format(time.DateOnly))
	n := r.IntN(4)
	if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
		n = r.IntN(5) / 4
	}
	at := day.Add(time.Duration(7*60+r.IntN(150)) * time.Minute)
	for range n {
		u := p.Users[r.IntN(len(p.Users))]
		v := Visit{User: u.Name, From: deskOf(p, u.Name), TTY: "pts/0", PID: 1200 + r.IntN(28_000), In: at.Add(time.Duration(r.IntN(60)) * time.Second)}
		v.Out = v.In.Add(time.Duration(40+r.IntN(5400)) * time.Second)
		if u.Admin {
			for range r.IntN(3) {
				v.Commands = append(v.Commands, []string{"/usr/bin/apt update", "/usr/bin/systemctl status ssh", "/usr/bin/journalctl -xe", "/usr/bin/apt upgrade", "/usr/bin/bash", "/usr/bin/tail -f /var/log/syslog"}[r.IntN(6)])
			}
		}
		out = append(out, v)
		at = v.Out.Add(time.Duration(20+r.IntN(200)) * time.Minute)
	}
	return out
}

// deskOf is the address that a person comes from.
func deskOf(p *persona.Persona, user string) netip.Addr {
	net := NetworkOf(p, netip.Addr{}).Address.Addr().As4()
	sum := p.Derive("world: desk of " + user)
	return netip.AddrFrom4([4]byte{net[0], net[1], net[2] + 1, 20 + sum[0]%200})
}

// The types of records in utmp and wtmp, as utmp.h numbers them.
const (
	bootTime    = 2
	userProcess = 7
	deadProcess = 8
	runLevel    = 1
	login       = 6
)

// record is one of utmp's, 384 bytes on x86-64.
func record(kind int16, pid int, line, id, user, host string, from netip.Addr, at time.Time) []byte {
	b := make([]byte, 384)
	binary.LittleEndian.PutUint16(b, uint16(kind))
	binary.LittleEndian.PutUint32(b[4:], uint32(pid))
	copy(b[8:40], line)
	copy(b[40:44], id)
	copy(b[44:76], user)
	copy(b[76:332], host)
	binary.LittleEndian.PutUint32(b[340:], uint32(at.Unix()))
	binary.LittleEndian.PutUint32(b[344:], uint32(at.UnixMicro()%1_000_000))
	if from.Is4() {
		a := from.As4()
		copy(b[348:], a[:])
	}
	return b
}

// Login is an entry of utmp as read back.
type Login struct {
	Kind           int
	PID            int
	Line, ID, User string
	Host           string
	At             time.Time
}

// Logins reads the records of utmp or wtmp; what is cut off at the end is left.
func Logins(b []byte) (out []Login) {
	text := func(b []byte) string {
		if i := slices.Index(b, 0); i >= 0 {
			b = b[:i]
		}
		return string(b)
	}
	for ; len(b) >= 384; b = b[384:] {
		out = append(out, Login{
			Kind: int(int16(binary.LittleEndian.Uint16(b))), PID: int(int32(binary.LittleEndian.Uint32(b[4:]))), Line: text(b[8:40]), ID: text(b[40:44]), User: text(b[44:76]), Host: text(b[76:332]),
			At: time.Unix(int64(binary.LittleEndian.Uint32(b[340:])), int64(binary.LittleEndian.Uint32(b[344:]))*1000),
		})
	}
	return out
}

func (b *builder) booting(at time.Time) []byte {
	out := record(bootTime, 0, "~", "~~", "reboot", b.p.OS.Release, netip.Addr{}, at)
	out = append(out, record(runLevel, 53, "~", "~~", "runlevel", b.p.OS.Release, netip.Addr{}, at.Add(12*time.Second))...)
	pid := 0
	for _, d := range Processes(b.p, b.born) {
		if d.Name == "agetty" {
			pid = d.PID
		}
	}
	return append(out, record(login, pid, "tty1", "tty1", "LOGIN", "", netip.Addr{}, at.Add(9*time.Second))...)
}

// utmp is who is there now: nobody but what the start left.
func (b *builder) utmp() []byte { return b.booting(b.p.Booted) }

// wtmp is who was there since the month began.
func (b *builder) wtmp() string {
	start, booted := LogStart(b.p, b.now()), false
	var out []byte
	for _, v := range b.visits(start, b.now()) {
		if !booted && v.In.After(b.p.Booted) && b.p.Booted.After(start) {
			out, booted = append(out, b.booting(b.p.Booted)...), true
		}
		out = append(out, record(userProcess, v.PID, v.TTY, "ts/0", v.User, v.From.String(), v.From, v.In)...)
		out = append(out, record(deadProcess, v.PID, v.TTY, "", "", "", netip.Addr{}, v.Out)...)
	}
	if !booted && b.p.Booted.After(start) {
		out = append(out, b.booting(b.p.Booted)...)
	}
	return string(out)
}

// lastlog has each person's last login at his number.
func (b *builder) lastlog() string {
	top := 0
	for _, u := range b.p.Users {
		top = max(top, u.UID)
	}
	out := make([]byte, 292*(top+1))
	for _, v := range Visits(b.p, b.born.AddDate(0, -3, 0), b.born) {
		for _, u := range b.p.Users {
			if u.Name == v.User {
				e := out[292*u.UID:][:292]
				clear(e)
				binary.LittleEndian.PutUint32(e, uint32(v.In.Unix()))
				copy(e[4:36], v.TTY)
				copy(e[36:], v.From.String())
			}
		}
	}
	return string(out)
}

// stamp is a time in the form of rsyslog's files.
func stamp(t time.Time) string { return t.Format(stampForm) }

const stampForm = "2006-01-02T15:04:05.000000-07:00"

func (b *builder) entry(at time.Time, tag, format string, args ...any) logLine {
	at = at.In(Location(b.p))
	return logLine{at, fmt.Sprintf("%s %s %s: %s\n", stamp(at), b.p.Hostname, tag, fmt.Sprintf(format, args...))}
}

type logLine struct {
	at   time.Time
	text string
}
