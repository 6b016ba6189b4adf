package shell

import (
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// User is an account of the machine, as its /etc/passwd and /etc/group have it.
type User struct {
	Name   string
	UID    int
	GID    int
	Groups []int // GID first, then the others
	Full   string
	Home   string
	Shell  string
}

// User finds an account by name. What the attacker changed in the files counts.
func (m *Machine) User(name string) (User, bool) {
	return m.user(func(u User) bool { return u.Name == name })
}

// UserByID finds an account by number.
func (m *Machine) UserByID(uid int) (User, bool) {
	return m.user(func(u User) bool { return u.UID == uid })
}

func (m *Machine) user(is func(User) bool) (User, bool) {
	for _, u := range m.Users() {
		if is(u) {
			u.Groups = m.groups(u)
			return u, true
		}
	}
	return User{}, false
}

// Users lists the accounts in the order of /etc/passwd, without their groups.
func (m *Machine) Users() (out []User) {
	for line := range lines(m.files, "/etc/passwd") {
		f := strings.Split(line, ":")
		if len(f) < 7 || f[0] == "" {
			continue
		}
		uid, err1 := strconv.Atoi(f[2])
		gid, err2 := strconv.Atoi(f[3])
		if err1 != nil || err2 != nil {
			continue
		}
		full, _, _ := strings.Cut(f[4], ",")
		out = append(out, User{Name: f[0], UID: uid, GID: gid, Full: full, Home: f[5], Shell: f[6]})
	}
	return out
}

func (m *Machine) groups(u User) []int {
	out := []int{u.GID}
	for line := range lines(m.files, "/etc/group") {
		f := strings.Split(line, ":")
		if len(f) < 4 || !slices.Contains(strings.Split(f[3], ","), u.Name) {
			continue
		}
		if gid, err := strconv.Atoi(f[2]); err == nil && gid != u.GID {
			out = append(out, gid)
		}
	}
	return out
}

// mostAccounts is how much of /etc/passwd is read.
const mostAccounts = 256 << 10

func lines(files *vfs.FS, name string) func(yield func(string) bool) {
	b, err := files.As(vfs.Cred{}).ReadFirst(name, mostAccounts)
	if err != nil {
		b = nil
	}
	return strings.SplitSeq(string(b), "\n")
}
