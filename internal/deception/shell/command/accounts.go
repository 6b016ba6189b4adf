package command

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell"
)

func accounts() table {
	return table{
		"sudo": sudo, "su": su, "passwd": passwd, "chpasswd": chpasswd, "useradd": useradd, "adduser": useradd, "userdel": userdel, "deluser": userdel, "usermod": usermod, "groupadd": groupadd, "addgroup": groupadd, "groupdel": groupdel, "chage": chage, "chsh": succeed, "visudo": denied, "nologin": noLogin,
	}
}

func noLogin(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, "This account is currently not available.")
	return 1
}

// asked asks for a password and takes it down as a credential.
func asked(ctx context.Context, p *shell.Proc, prompt, user string, accepted bool) (string, bool) {
	if p.Terminal != nil && p.InTerminal(0) {
		defer p.Terminal.Silent()()
	}
	fmt.Fprint(p.Err, prompt)
	secret, ok := readLine(ctx, p)
	fmt.Fprintln(p.Err)
	if ok && p.Session != nil {
		p.Session.Attempt(service.Credential{Kind: service.Plaintext, Principal: user, Secret: []byte(secret), Accepted: accepted, Details: []service.Field{{Name: "program", Value: path.Base(p.Args[0])}}})
	}
	return secret, ok
}

// sudo runs a program as another user, for root and members of its group.
func sudo(ctx context.Context, p *shell.Proc) int {
	t := tool{spec: "A b E,preserve-env e g,group: H h: i,login K k l,list n,non-interactive P p: S,stdin s,shell u,user: U: V v C: D: R: T:", usage: "[options] command", version: "1.9.13p3", posix: true}
	a, status := options(p, t)
	if a == nil {
		return status
	}
	if a.has("V") {
		fmt.Fprintln(p.Out, "Sudo version 1.9.13p3\nSudoers policy plugin version 1.9.13p3\nSudoers file grammar version 50\nSudoers I/O plugin version 1.9.13p3\nSudoers audit plugin version 1.9.13p3")
		return 0
	}
	g, _ := groupNamed(p.Machine, "sudo")
	may := p.User.UID == 0 || slices.Contains(p.User.Groups, g.gid)
	if p.User.UID != 0 && !allowed(ctx, p, a, may) {
		return 1
	}
	if a.has("l") {
		fmt.Fprintf(p.Out, "Matching Defaults entries for %s on %s:\n    env_reset, mail_badpass, secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin, use_pty\n\nUser %s may run the following commands on %s:\n    (ALL : ALL) ALL\n", p.User.Name, hostName(p), p.User.Name, hostName(p))
		return 0
	}
	who := a.value("u", "root")
	u, ok := p.Machine.User(who)
	if !ok {
		p.Errorf("unknown user %s", who)
		return 1
	}
	command := a.rest
	if len(command) == 0 && !a.has("i", "s") {
		fmt.Fprint(p.Err, "usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHnPS] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n")
		return 1
	}
	if a.has("i", "s") {
		command = []string{"bash"}
		if len(a.rest) > 0 {
			command = []string{"bash", "-c", strings.Join(a.rest, " ")}
		}
	}
	return become(ctx, p, u, command, a.has("i"))
}

// allowed asks for the user's password as sudo does. His own opened the login,
// so what he gives is believed.
func allowed(ctx context.Context, p *shell.Proc, a *arguments, may bool) bool {
	if a.has("n") {
		p.Errorf("a password is required")
		return false
	}
	if !p.InTerminal(0) && !a.has("S") {
		p.Errorf("a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper")
		p.Errorf("a password is required")
		return false
	}
	if _, ok := asked(ctx, p, a.value("p", "[sudo] password for "+p.User.Name+": "), p.User.Name, may); !ok {
		p.Errorf("no password was provided")
		return false
	}
	if !may {
		fmt.Fprintf(p.Err, "%s is not in the sudoers file.\n", p.User.Name)
	}
	return may
}

// become runs a program as somebody else.
func become(ctx context.Context, p *shell.Proc, u shell.User, command []string, login bool) int {
	q := p.As(u)
	for name, value := range map[string]string{"USER": u.Name, "LOGNAME": u.Name, "HOME": u.Home, "SHELL": u.Shell, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} {
		q.Env.Set(name, value)
	}
	if path.Base(p.Args[0]) == "sudo" {
		q.Env.Set("SUDO_USER", p.User.Name)
		q.Env.Set("SUDO_UID", strconv.Itoa(p.User.UID))
		q.Env.Set("SUDO_COMMAND", strings.Join(command, " "))
	}
	if login {
		q.Dir, q.Files = u.Home, q.Files.In(u.Home)
	}
	status, err := q.Run(ctx, command...)
	if err != nil {
		p.Errorf("%s: command not found", command[0])
		return 1
	}
	return status
}

func su(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "c,command: l,login s,shell: m,p,preserve-environment P,pty w,white" + "list-environment: g,group: f,fast", usage: "[options] [-] [<user> [<argument>...]]", version: "from util-linux 2.38.1", bad: 1})
	if a == nil {
		return status
	}
	login := a.has("l")
	if field(a.rest, 0) == "-" {
		login, a.rest = true, a.rest[1:]
	}
	name := orElse(field(a.rest, 0), "root")
	u, ok := p.Machine.User(name)
	if !ok {
		p.Errorf("user %s does not exist or the user entry does not contain all the required fields", name)
		return 1
	}
	if p.User.UID != 0 {
		if _, ok := asked(ctx, p, "Password: ", name, false); ok {
			_ = p.Sleep(ctx, 2*time.Second)
		}
		p.Errorf("Authentication failure")
		return 1
	}
	if u.Shell == "/usr/sbin/nologin" && !a.has("s") {
		fmt.Fprintln(p.Out, "This account is currently not available.")
		return 1
	}
	command := []string{"bash"}
	if a.has("c") {
		command = append(command, "-c", a.value("c", ""))
	}
	return become(ctx, p, u, command, login)
}

// hashed is a password in the form of /etc/shadow. Nothing of it can be
// found from what is stored but by trying.
func hashed(p *shell.Proc, secret string) string {
	const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	salt := sha256.Sum256([]byte(letters(p, 32)))
	sum := sha256.Sum256(append(salt[:], secret...))
	enc := base64.NewEncoding(alphabet).WithPadding(base64.NoPadding)
	return "$y$j9T$" + enc.EncodeToString(salt[:])[:21] + "/$" + enc.EncodeToString(sum[:])
}

// least is how many fields an entry of one of the system's databases has (passwd(5),
// shadow(5), group(5)). What has fewer is none; the tools leave it where it is.
func least(file string) int {
	return map[string]int{"/etc/passwd": 7, "/etc/shadow": 5, "/etc/group": 4}[file]
}

// edit changes the entries of one of the system's databases: fn gets the fields
// of each and returns false to drop it. It reports whether one was found.
func edit(p *shell.Proc, file, name string, fn func(f []string) bool) (found bool, err error) {
	b, err := p.Files.ReadFile(file)
	if err != nil {
		return false, err
	}
	var out []string
	for _, line := range splitLines(b) {
		f := strings.Split(line, ":")
		if len(f) >= least(file) && (name == "" || f[0] == name) {
			found = true
			if !fn(f) {
				continue
			}
		}
		out = append(out, strings.Join(f, ":"))
	}
	return found, p.Files.WriteFile(file, []byte(strings.Join(out, "\n")+"\n"), 0o640)
}

func appendTo(p *shell.Proc, file, line string) error {
	b, err := p.Files.ReadFile(file)
	if err != nil {
		return err
	}
	return p.Files.WriteFile(file, append(b, line+"\n"...), 0o640)
}

func setPassword(p *shell.Proc, name, secret string) bool {
	found, err := edit(p, "/etc/shadow", name, func(f []string) bool {
		f[1] = hashed(p, secret)
		return true
	})
	return found && err == nil
}

func today(p *shell.Proc) int64 { return p.Now().Unix() / 86400 }

func passwd(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "a,all d,delete e,expire i,inactive: k,keep-tokens l,lock n,mindays: q,quiet r: R: S,status u,unlock w,warndays: x,maxdays:", usage: "[options] [LOGIN]", version: "from shadow-utils 4.13", bad: 2})
	if a == nil {
		return status
	}
	name := orElse(field(a.rest, 0), p.User.Name)
	u, ok := p.Machine.User(name)
	switch {
	case !ok:
		p.Errorf("user '%s' does not exist", name)
		return 1
	case p.User.UID != 0 && u.UID != p.User.UID:
		p.Errorf("You may not view or modify password information for %s.", name)
		return 1
	case a.has("S"):
		return passwordState(p, name)
	case a.has("l", "u", "d"):
		if p.User.UID != 0 {
			p.Errorf("Permission denied.")
			return 1
		}
		return lockPassword(p, a, name)
	}
	if p.User.UID != 0 {
		fmt.Fprintf(p.Out, "Changing password for %s.\n", name)
		if _, ok := asked(ctx, p, "Current password: ", name, true); !ok {
			return passwdFailed(p)
		}
	}
	first, ok1 := asked(ctx, p, "New password: ", name, true)
	second, ok2 := asked(ctx, p, "Retype new password: ", name, true)
	root, _ := p.Machine.UserByID(0)
	switch {
	case !ok1 || !ok2 || first == "":
		return passwdFailed(p)
	case first != second:
		fmt.Fprintln(p.Err, "Sorry, passwords do not match.")
		return passwdFailed(p)
	case !setPassword(p.As(root), name, first):
		return passwdFailed(p)
	}
	fmt.Fprintln(p.Err, "passwd: password updated successfully")
	return 0
}
