package sftp

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

const (
	maxAccounts = 256 << 10 // bytes of /etc/passwd and of /etc/group that are read
	maxName     = 256       // bytes of a name there, as LOGIN_NAME_MAX has it; who has a longer one is shown as a number
)

// names are the machine's users and groups.
type names struct {
	users, groups map[int]string
	homes         map[string]string
}

func readNames(files *vfs.View) *names {
	n := &names{users: map[int]string{}, groups: map[int]string{}, homes: map[string]string{}}
	for _, f := range records(files, "/etc/passwd") {
		if len(f) < 6 {
			continue
		}
		n.homes[f[0]] = f[5]
		add(n.users, f)
	}
	for _, f := range records(files, "/etc/group") {
		add(n.groups, f)
	}
	return n
}

// add takes the first name of a number.
func add(to map[int]string, f []string) {
	if len(f) < 3 || len(f[0]) > maxName {
		return
	}
	id, err := strconv.Atoi(f[2])
	if _, known := to[id]; err == nil && !known {
		to[id] = f[0]
	}
}

func records(files *vfs.View, name string) (out [][]string) {
	b, err := files.ReadFirst(name, maxAccounts)
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		out = append(out, strings.Split(line, ":"))
	}
	return out
}

func (n *names) home(user string) (string, bool) {
	home, ok := n.homes[user]
	return home, ok
}

func (n *names) name(of map[int]string, id int) string {
	if name, ok := of[id]; ok {
		return name
	}
	return strconv.Itoa(id)
}

// long is the line of a file in a listing, as sftp-server writes it. A time half
// a year away shows its year.
func (n *names) long(i vfs.Info, now time.Time, zone *time.Location) string {
	const halfYear = 365 * 24 * time.Hour / 2
	when := i.Mtime.In(zone).Format("Jan _2  2006")
	if i.Mtime.After(now.Add(-halfYear)) && !i.Mtime.After(now) {
		when = i.Mtime.In(zone).Format("Jan _2 15:04")
	}
	return fmt.Sprintf("%s  %3d %-8s %-8s %8d %s %s", letters(i), i.Nlink, n.name(n.users, i.UID), n.name(n.groups, i.GID), i.Size, when, i.Name)
}

// letters is a mode such as drwxr-xr-x.
func letters(i vfs.Info) string {
	mode := unixMode(i.Mode)
	out := []byte("?rwxrwxrwx")
	for _, k := range kinds() {
		if i.Mode.Type() == k.mode {
			out[0] = k.letter
		}
	}
	for bit := range 9 {
		if mode>>(8-bit)&1 == 0 {
			out[bit+1] = '-'
		}
	}
	special(out, 3, mode&0o4000 != 0, 's')
	special(out, 6, mode&0o2000 != 0, 's')
	special(out, 9, mode&0o1000 != 0, 't')
	return string(out)
}

// special shows one of the upper bits: in upper case where nobody can execute.
func special(out []byte, at int, set bool, letter byte) {
	if !set {
		return
	}
	if out[at] == '-' {
		letter -= 'a' - 'A'
	}
	out[at] = letter
}
