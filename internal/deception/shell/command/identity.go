package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func identity() table {
	return table{
		"uname": uname, "arch": arch, "hostname": hostname, "dnsdomainname": domain, "domainname": noDomain, "hostid": hostid, "whoami": whoami, "logname": logname, "id": id, "groups": groupsOf,
		"who": who, "w": w, "users": users, "uptime": uptime, "tty": ttyName, "nproc": nproc, "last": last, "lastb": lastb, "lastlog": lastlog, "getent": getent,
	}
}

// chance is a source of numbers for what is random on the machine.
func chance(p *shell.Proc) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(p.Now().UnixNano()), uint64(p.PID)))
}

// letters are random ones, for names of files.
func letters(p *shell.Proc, n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	r, out := chance(p), make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// scrambled orders lines at random, equal ones together.
func scrambled(p *shell.Proc, s string) string {
	sum := p.Machine.Persona().Derive(fmt.Sprint("command: sort ", p.PID, s))
	return hex.EncodeToString(sum[:])
}

func uname(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,all s,kernel-name n,nodename r,kernel-release v,kernel-version m,machine p,processor i,hardware-platform o,operating-system", "[OPTION]..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 0, 0); !ok {
		return status
	}
	o := p.Machine.Persona().OS
	var out []string
	for _, f := range []struct{ option, text string }{{"s", "Linux"}, {"n", hostName(p)}, {"r", o.Release}, {"v", o.Build}, {"m", o.Machine}, {"p", "unknown"}, {"i", "unknown"}, {"o", "GNU/Linux"}} {
		if a.has(f.option) || a.has("a") && f.text != "unknown" || len(a.all) == 0 && f.option == "s" {
			out = append(out, f.text)
		}
	}
	fmt.Fprintln(p.Out, strings.Join(out, " "))
	return 0
}

func arch(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, p.Machine.Persona().OS.Machine)
	return 0
}

// hostName is what the machine is called now: root may have changed it.
func hostName(p *shell.Proc) string { return p.Machine.Persona().Hostname }

func hostname(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "a,alias A,all-fqdns b,boot d,domain f,fqdn,long F,file: i,ip-address I,all-ip-addresses s,short y,yp,nis", usage: "[-b] {hostname|-F file}         set host name (from file)", version: "3.23", bad: 255})
	if a == nil {
		return status
	}
	me := p.Machine.Persona()
	switch a.last("d", "f", "A", "I", "i", "s", "y") {
	case "d":
		fmt.Fprintln(p.Out, me.Domain)
	case "f", "A":
		fmt.Fprintln(p.Out, me.FQDN())
	case "I":
		fmt.Fprintln(p.Out, network(p).Address.Addr().String()+" ")
	case "i":
		fmt.Fprintln(p.Out, "127.0.1.1")
	case "y":
		p.Errorf("Local domain name not set")
		return 1
	default:
		if len(a.rest) > 0 {
			fmt.Fprintln(p.Err, "hostname: you must be root to change the host name")
			return 1
		}
		fmt.Fprintln(p.Out, me.Hostname)
	}
	return 0
}

func domain(_ context.Context, p *shell.Proc) int {
	if d := p.Machine.Persona().Domain; d != "" {
		fmt.Fprintln(p.Out, d)
	}
	return 0
}

func noDomain(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, "(none)")
	return 0
}

func hostid(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, "007f0101")
	return 0
}

func whoami(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("", "[OPTION]..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 0, 0); !ok {
		return status
	}
	fmt.Fprintln(p.Out, p.User.Name)
	return 0
}

func logname(_ context.Context, p *shell.Proc) int {
	for _, s := range p.Machine.Sessions() {
		if p.Terminal != nil {
			fmt.Fprintln(p.Out, s.User)
			return 0
		}
	}
	p.Errorf("no login name")
	return 1
}

func id(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a Z,context g,group G,groups n,name r,real u,user z,zero", "[OPTION]... [USER]..."))
	if a == nil {
		return status
	}
	who := []shell.User{p.User}
	if len(a.rest) > 0 {
		who = nil
	}
	for _, name := range a.rest {
		if !paid(ctx, p) {
			return 143
		}
		u, ok := p.Machine.User(name)
		if n, err := strconv.Atoi(name); !ok && err == nil {
			u, ok = p.Machine.UserByID(n)
		}
		if !ok {
			p.Errorf("%s: no such user", quote(p, name))
			status = 1
			continue
		}
		who = append(who, u)
	}
	if a.has("n") && !a.has("u", "g", "G") {
		p.Errorf("cannot print only names or real IDs in default format")
		return 1
	}
	n := newNames(p.Machine)
	for _, u := range who {
		fmt.Fprintln(p.Out, idLine(n, a, u))
	}
	return status
}

func idLine(n names, a *arguments, u shell.User) string {
	show := func(id int, name string) string {
		if a.has("n") {
			return name
		}
		return strconv.Itoa(id)
	}
	switch a.last("u", "g", "G") {
	case "u":
		return show(u.UID, u.Name)
	case "g":
		return show(u.GID, n.group(u.GID))
	case "G":
		var out []string
		for _, g := range u.Groups {
			out = append(out, show(g, n.group(g)))
		}
		return strings.Join(out, " ")
	}
	var list []string
	for _, g := range u.Groups {
		list = append(list, fmt.Sprintf("%d(%s)", g, n.group(g)))
	}
	return fmt.Sprintf("uid=%d(%s) gid=%d(%s) groups=%s", u.UID, u.Name, u.GID, n.group(u.GID), strings.Join(list, ","))
}

func groupsOf(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("", "[OPTION]... [USERNAME]..."))
	if a == nil {
		return status
	}
	n := newNames(p.Machine)
	list := func(u shell.User) string {
		var out []string
		for _, g := range u.Groups {
			out = append(out, n.group(g))
		}
		return strings.Join(out, " ")
	}
	if len(a.rest) == 0 {
		fmt.Fprintln(p.Out, list(p.User))
	}
	for _, name := range a.rest {
		if !paid(ctx, p) {
			return 143
		}
		u, ok := p.Machine.User(name)
		if !ok {
			p.Errorf("%s: no such user", quote(p, name))
			status = 1
			continue
		}
		fmt.Fprintf(p.Out, "%s : %s\n", name, list(u))
	}
	return status
}
