package command

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell"
)

func passwdFailed(p *shell.Proc) int {
	fmt.Fprint(p.Err, "passwd: Authentication token manipulation error\npasswd: password unchanged\n")
	return 10
}

func chpasswd(ctx context.Context, p *shell.Proc) int {
	if p.User.UID != 0 {
		fmt.Fprint(p.Err, "chpasswd: Permission denied.\nchpasswd: cannot lock /etc/passwd; try again later.\n")
		return 1
	}
	b, _ := hold(ctx, p, p.In)
	for i, line := range splitLines(b) {
		name, secret, ok := strings.Cut(line, ":")
		if !paid(ctx, p) {
			return 1
		}
		if !ok {
			p.Errorf("line %d: missing new password", i+1)
			return 1
		}
		if p.Session != nil {
			p.Session.Attempt(service.Credential{Kind: service.Plaintext, Principal: name, Secret: []byte(secret), Accepted: true, Details: []service.Field{{Name: "program", Value: "chpasswd"}}})
		}
		if !setPassword(p, name, secret) {
			fmt.Fprintf(p.Err, "chpasswd: (user %s) pam_chauthtok() failed, error:\nAuthentication token manipulation error\nchpasswd: (line %d, user %s) password not changed\n", name, i+1, name)
			return 1
		}
	}
	return 0
}

// useradd is also adduser, which asks more and says more.
func useradd(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,base-dir: c,comment: d,home-dir,home: D e,expiredate: f,inactive: g,gid: G,groups: k,skel: K: l M,no-create-home m,create-home N o,non-unique p,password: r,system s,shell: u,uid: U disabled-password disabled-login gecos: ingroup: q,quiet", usage: "[options] LOGIN", version: "from shadow-utils 4.13", bad: 2})
	if a == nil {
		return status
	}
	chatty := path.Base(p.Args[0]) == "adduser"
	if p.User.UID != 0 {
		if chatty {
			fmt.Fprintln(p.Err, "fatal: Only root may add a user or group to the system.")
			return 1
		}
		fmt.Fprint(p.Err, "useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.\n")
		return 1
	}
	if len(a.rest) == 0 {
		fmt.Fprintln(p.Err, "Usage: useradd [options] LOGIN")
		return 2
	}
	if chatty && len(a.rest) == 2 {
		return joinGroup(p, a.rest[0], a.rest[1])
	}
	name := a.rest[0]
	if _, ok := p.Machine.User(name); ok {
		p.Errorf("user '%s' already exists", name)
		return 9
	}
	if name == "" || strings.ContainsAny(name, ":/ \n") || name[0] == '-' {
		p.Errorf("invalid user name '%s': use --badname to ignore", name)
		return 3
	}
	return addUser(ctx, p, a, name, chatty)
}

func addUser(ctx context.Context, p *shell.Proc, a *arguments, name string, chatty bool) int {
	uid := 1000
	for _, u := range p.Machine.Users() {
		if u.UID >= uid && u.UID < 60000 {
			uid = u.UID + 1
		}
	}
	if n, err := strconv.Atoi(a.value("u", "")); err == nil {
		uid = n
	}
	if u, taken := p.Machine.UserByID(uid); taken && !a.has("o") {
		p.Errorf("UID %d is not unique", u.UID)
		return 4
	}
	gid := uid
	if g, ok := groupNamed(p.Machine, a.value("g", "")); ok && a.has("g") {
		gid = g.gid
	} else if err := appendTo(p, "/etc/group", fmt.Sprintf("%s:x:%d:", name, gid)); err != nil {
		return 10
	}
	home, sh, secret := a.value("d", "/home/"+name), a.value("s", "/bin/sh"), a.value("p", "!")
	if chatty {
		sh = a.value("s", "/bin/bash")
		fmt.Fprintf(p.Out, "Adding user `%s' ...\nAdding new group `%s' (%d) ...\nAdding new user `%s' (%d) with group `%s (%d)' ...\nCreating home directory `%s' ...\nCopying files from `/etc/skel' ...\n", name, name, gid, name, uid, name, gid, home)
	}
	if appendTo(p, "/etc/passwd", fmt.Sprintf("%s:x:%d:%d:%s:%s:%s", name, uid, gid, a.value("c", a.value("gecos", "")), home, sh)) != nil || appendTo(p, "/etc/shadow", fmt.Sprintf("%s:%s:%d:0:99999:7:::", name, secret, today(p))) != nil {
		return 1
	}
	for _, g := range strings.Split(a.value("G", ""), ",") {
		if g != "" && paid(ctx, p) {
			_ = joinGroup(p, name, g)
		}
	}
	if a.has("m") || chatty {
		_ = p.Files.Mkdir(home, 0o755)
		list, _ := p.Files.ReadDir("/etc/skel")
		for _, e := range list {
			b, _ := p.Files.ReadFile("/etc/skel/" + e.Name)
			_ = p.Files.WriteFile(home+"/"+e.Name, b, 0o644)
			_ = p.Files.Chown(home+"/"+e.Name, uid, gid)
		}
		_ = p.Files.Chown(home, uid, gid)
	}
	if chatty && !a.has("disabled-password", "disabled-login") {
		secret, ok := asked(ctx, p, "New password: ", name, true)
		again, _ := asked(ctx, p, "Retype new password: ", name, true)
		if !ok || secret != again || !setPassword(p, name, secret) {
			return passwdFailed(p)
		}
		fmt.Fprintln(p.Out, "passwd: password updated successfully")
	}
	return 0
}

func joinGroup(p *shell.Proc, name, grp string) int {
	found, err := edit(p, "/etc/group", grp, func(f []string) bool {
		if members := strings.Split(f[3], ","); !slices.Contains(members, name) {
			f[3] = strings.TrimPrefix(f[3]+","+name, ",")
		}
		return true
	})
	if !found || err != nil {
		p.Errorf("group '%s' does not exist", grp)
		return 6
	}
	return 0
}

func userdel(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "f,force r,remove,remove-home R: Z", usage: "[options] LOGIN", version: "from shadow-utils 4.13", bad: 2})
	if a == nil {
		return status
	}
	name := field(a.rest, 0)
	u, ok := p.Machine.User(name)
	switch {
	case p.User.UID != 0:
		fmt.Fprint(p.Err, "userdel: Permission denied.\nuserdel: cannot lock /etc/passwd; try again later.\n")
		return 1
	case !ok:
		p.Errorf("user '%s' does not exist", name)
		return 6
	}
	drop := func([]string) bool { return false }
	for _, file := range []string{"/etc/passwd", "/etc/shadow"} {
		_, _ = edit(p, file, name, drop)
	}
	_, _ = edit(p, "/etc/group", u.Name, drop)
	if a.has("r") {
		q := *p
		q.Args = []string{"rm", "-rf", u.Home}
		rm(context.Background(), &q)
		p.Errorf("%s mail spool (/var/mail/%s) not found", name, name)
	}
	return 0
}

func usermod(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "a,append c,comment: d,home: e: f: g,gid: G,groups: l,login: L,lock m,move-home o p,password: s,shell: u,uid: U,unlock", usage: "[options] LOGIN", version: "from shadow-utils 4.13", bad: 2})
	if a == nil {
		return status
	}
	name := field(a.rest, 0)
	if p.User.UID != 0 {
		fmt.Fprint(p.Err, "usermod: Permission denied.\nusermod: cannot lock /etc/passwd; try again later.\n")
		return 1
	}
	if _, ok := p.Machine.User(name); !ok {
		p.Errorf("user '%s' does not exist", name)
		return 6
	}
	_, _ = edit(p, "/etc/passwd", name, func(f []string) bool {
		for option, at := range map[string]int{"s": 6, "d": 5, "c": 4, "u": 2, "l": 0} {
			if a.has(option) {
				f[at] = a.value(option, "")
			}
		}
		return true
	})
	for _, g := range strings.Split(a.value("G", ""), ",") {
		if g != "" {
			if status := joinGroup(p, name, g); status != 0 {
				return status
			}
		}
	}
	if a.has("p") {
		_, _ = edit(p, "/etc/shadow", name, func(f []string) bool { f[1] = a.value("p", ""); return true })
	}
	return 0
}

func groupadd(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "f,force g,gid: K: o p: r,system", usage: "[options] GROUP", version: "from shadow-utils 4.13", bad: 2})
	if a == nil {
		return status
	}
	name := field(a.rest, 0)
	if p.User.UID != 0 {
		fmt.Fprint(p.Err, "groupadd: Permission denied.\ngroupadd: cannot lock /etc/group; try again later.\n")
		return 10
	}
	gid := 1000
	for _, g := range groups(p.Machine) {
		if g.name == name {
			p.Errorf("group '%s' already exists", name)
			return 9
		}
		if g.gid >= gid && g.gid < 60000 {
			gid = g.gid + 1
		}
	}
	if n, err := strconv.Atoi(a.value("g", "")); err == nil {
		gid = n
	}
	if appendTo(p, "/etc/group", fmt.Sprintf("%s:x:%d:", name, gid)) != nil {
		return 10
	}
	return 0
}

func groupdel(_ context.Context, p *shell.Proc) int {
	if p.User.UID != 0 {
		fmt.Fprint(p.Err, "groupdel: Permission denied.\ngroupdel: cannot lock /etc/group; try again later.\n")
		return 10
	}
	found, _ := edit(p, "/etc/group", field(p.Args, 1), func([]string) bool { return false })
	if !found {
		p.Errorf("group '%s' does not exist", field(p.Args, 1))
		return 6
	}
	return 0
}

func chage(_ context.Context, p *shell.Proc) int {
	if field(p.Args, 1) != "-l" {
		return denied(nil, p)
	}
	form := p.Machine.Persona().Installed.Format("Jan 02, 2006")
	fmt.Fprintf(p.Out, "Last password change\t\t\t\t\t: %s\nPassword expires\t\t\t\t\t: never\nPassword inactive\t\t\t\t\t: never\nAccount expires\t\t\t\t\t\t: never\nMinimum number of days between password change\t\t: 0\nMaximum number of days between password change\t\t: 99999\nNumber of days of warning before password expires\t: 7\n", form)
	return 0
}
