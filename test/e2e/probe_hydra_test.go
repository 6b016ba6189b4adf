//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
)

// tried is a row of the credentials, as the command line prints it.
type tried struct {
	ID, Service, Kind, Principal string
	Attempts                     int
	Accepted                     bool
}

func (d *trap) credentials() (all []tried) {
	d.t.Helper()
	mustDo(d.t, json.Unmarshal([]byte(d.cli("credential", "list", "--limit", "1000", "--format", "json")), &all))
	return all
}

// secret is what a row holds in the clear.
func (d *trap) secret(id string) string {
	d.t.Helper()
	var shown struct{ Secret string }
	mustDo(d.t, json.Unmarshal([]byte(d.cli("credential", "reveal", id, "--reason", "a test", "--format", "json")), &shown))
	return shown.Secret
}

// assault is what hydra tries on one service.
type assault struct {
	service string
	target  string // in hydra's form; {} is the address
	kind    string
	users   []string
	hidden  bool // a challenge is answered; the password is not seen
	found   int  // passwords that hydra says are right
}

// assaults leave Telnet out: hydra 9.4 does not answer what Debian's telnetd asks
// before it shows a prompt, and so tries nothing, there as here.
func assaults() []assault {
	people := []string{"root", "admin"}
	return []assault{
		{service: "ssh", target: "ssh://{}", kind: "plaintext", users: people, found: 1},
		{service: "ftp", target: "ftp://{}", kind: "plaintext", users: people, found: 1},
		{service: "http", target: "http-get://{}/admin", kind: "plaintext", users: people},
		{service: "http", target: "http-post-form://{}/wp-login.php:log=^USER^&pwd=^PASS^:F=404 Not Found", kind: "plaintext", users: []string{"editor", "webmaster"}}, // cordon:allow
		{service: "redis", target: "redis://{}", kind: "plaintext", users: []string{"default"}, found: 1},
		{service: "postgres", target: "postgres://{}/postgres", kind: "postgres_md5_challenge", users: people, hidden: true},
		{service: "mysql", target: "mysql://{}", kind: "mysql_native_challenge", users: people, hidden: true},
	}
}

// Whatever hydra tries is one row each, of the right kind, with the password
// where the protocol tells it; and hydra finds the one that is right.
func TestEachAttemptOfHydraIsARow(t *testing.T) {
	t.Parallel()
	d := newTrap(t, map[string]string{"redis": "{password: " + rightPassword() + "}"})
	passwords := []string{"letmein", "qwerty", rightPassword()} // the right one last: nothing is tried after it
	for _, a := range assaults() {
		out := d.hydra(a, passwords)
		if want := fmt.Sprintf(" %d valid password", a.found); !strings.Contains(out, want) {
			t.Errorf("%s: hydra does not say%s:\n%s", a.service, want, out)
		}
	}
	rows := 0
	for _, a := range assaults() {
		d.wantTried(a, passwords)
		rows += len(a.users) * len(passwords)
	}
	if got := d.credentials(); len(got) != rows {
		t.Errorf("%d rows, want %d: %+v", len(got), rows, got)
	}
	d.stop()
}

// hydra tries all passwords for each user, one after the other.
func (d *trap) hydra(a assault, passwords []string) string {
	d.t.Helper()
	dir := d.t.TempDir()
	lists := map[string][]string{"users": a.users, "passwords": passwords}
	for name, lines := range lists {
		mustDo(d.t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	args := []string{"-I", "-t", "1", "-P", "passwords"}
	if a.service != "redis" { // whose passwords are the default user's
		args = append(args, "-L", "users")
	}
	cmd := exec.Command(testdebian.Program(d.t, "hydra", "hydra"), append(args, strings.Replace(a.target, "{}", d.at(a.service), 1))...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PGSSLMODE=disable", "HOME="+dir) // over TLS libpq tries each twice
	out, _ := cmd.CombinedOutput()                                                 // its status says whether it found something
	return string(out)
}

func (d *trap) wantTried(a assault, passwords []string) {
	d.t.Helper()
	var want []string
	for _, user := range a.users {
		for _, p := range passwords {
			want = append(want, a.row(user, p))
		}
	}
	slices.Sort(want)
	var got []string
	eventually(d.t, 2*time.Minute, "all attempts on "+a.service, func() bool {
		got = d.rows(a)
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		d.t.Errorf("%s: hydra's attempts are\n%s\nwant\n%s", a.service, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (a assault) row(user, password string) string {
	if a.hidden {
		password = "(hidden)"
	}
	return fmt.Sprintf("1 × %s %s %s %v", a.kind, user, password, a.found == 1 && user == a.users[0] && password == rightPassword())
}

// rows are those of one assault, sorted.
func (d *trap) rows(a assault) (all []string) {
	d.t.Helper()
	for _, c := range d.credentials() {
		if c.Service != a.service || !slices.Contains(a.users, c.Principal) {
			continue
		}
		secret := "(hidden)"
		if !a.hidden {
			secret = d.secret(c.ID)
		}
		all = append(all, fmt.Sprintf("%d × %s %s %s %v", c.Attempts, c.Kind, c.Principal, secret, c.Accepted))
	}
	slices.Sort(all)
	return all
}
