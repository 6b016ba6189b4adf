package command

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func packaging() table {
	return table{"apt": apt, "apt-get": apt, "apt-cache": aptCache, "apt-mark": succeed, "dpkg": dpkg, "dpkg-query": dpkg}
}

func installed(p *shell.Proc, name string) (world.Package, bool) {
	name, _, _ = strings.Cut(name, ":")
	for _, k := range world.Packages(p.Machine.Persona()) {
		if k.Name == name {
			return k, true
		}
	}
	return world.Package{}, false
}

// aptCow is what apt 2.6 says to who asks it to moo, as people do who are in doubt.
const aptCow = "                 (__) \n                 (oo) \n           /------\\/ \n          / |    ||   \n         *  /\\---/\\ \n            ~~   ~~   \n...\"Have you mooed today?\"...\n"

// apt is root's, and finds no server.
func apt(ctx context.Context, p *shell.Proc) int {
	var words []string
	for i := 1; i < len(p.Args); i++ {
		if p.Args[i] == "-o" || p.Args[i] == "-t" {
			i++
		} else if !strings.HasPrefix(p.Args[i], "-") {
			words = append(words, p.Args[i])
		}
	}
	if path.Base(p.Args[0]) == "apt" && !p.InTerminal(1) && len(words) > 0 {
		fmt.Fprint(p.Err, "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n")
	}
	verb, names := field(words, 0), words[min(1, len(words)):]
	switch verb {
	case "":
		fmt.Fprintf(p.Out, "apt 2.6.1 (amd64)\nUsage: %s [options] command\n", path.Base(p.Args[0]))
		return 0
	case "list", "search", "show", "policy":
		return aptShow(p, verb, names)
	case "moo":
		fmt.Fprint(p.Out, aptCow)
		return 0
	case "update", "install", "upgrade", "remove", "purge", "autoremove", "dist-upgrade", "full-upgrade", "clean", "autoclean", "reinstall", "download", "build-dep":
	default:
		fmt.Fprintf(p.Err, "E: Invalid operation %s\n", verb)
		return 100
	}
	if p.User.UID != 0 {
		if verb == "update" {
			fmt.Fprint(p.Out, "Reading package lists... Done\n")
			fmt.Fprint(p.Err, "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n")
			return 100
		}
		fmt.Fprint(p.Err, "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n")
		return 100
	}
	if p.Session != nil && len(names) > 0 {
		p.Session.Record(service.Fetch, nil, service.Field{Name: "program", Value: path.Base(p.Args[0])}, service.Field{Name: "packages", Value: strings.Join(names, " ")})
	}
	if verb == "update" {
		return aptUpdate(ctx, p)
	}
	return aptInstall(p, verb, names)
}

func aptUpdate(ctx context.Context, p *shell.Proc) int {
	for i, host := range []string{"http://deb.debian.org/debian bookworm", "http://security.debian.org/debian-security bookworm-security", "http://deb.debian.org/debian bookworm-updates"} {
		if p.Sleep(ctx, 1500*time.Millisecond) != nil {
			return 130
		}
		short, _, _ := strings.Cut(strings.TrimPrefix(host, "http://"), "/")
		fmt.Fprintf(p.Out, "Ign:%d %s InRelease\nErr:%d %s InRelease\n  Temporary failure resolving '%s'\n", i+1, host, i+1, host, short)
	}
	fmt.Fprint(p.Out, "Reading package lists... Done\n")
	for _, u := range []string{"http://deb.debian.org/debian/dists/bookworm/InRelease", "http://security.debian.org/debian-security/dists/bookworm-security/InRelease", "http://deb.debian.org/debian/dists/bookworm-updates/InRelease"} {
		fmt.Fprintf(p.Err, "W: Failed to fetch %s  Temporary failure resolving '%s'\n", u, strings.Split(u, "/")[2])
	}
	fmt.Fprintln(p.Err, "W: Some index files failed to download. They have been ignored, or old ones used instead.")
	return 0
}

func aptInstall(p *shell.Proc, verb string, names []string) int {
	fmt.Fprint(p.Out, "Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n")
	status := 0
	for _, n := range names {
		k, ok := installed(p, n)
		switch {
		case ok && verb == "install":
			fmt.Fprintf(p.Out, "%s is already the newest version (%s).\n", k.Name, k.Version)
		case ok && (verb == "remove" || verb == "purge"):
			fmt.Fprintln(p.Err, "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. ")
			return 100
		case verb == "remove" || verb == "purge":
			fmt.Fprintf(p.Out, "Package '%s' is not installed, so not removed\n", n)
		default:
			fmt.Fprintf(p.Err, "E: Unable to locate package %s\n", n)
			status = 100
		}
	}
	if status == 0 {
		fmt.Fprintln(p.Out, "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")
	}
	return status
}

func aptShow(p *shell.Proc, verb string, names []string) int {
	if verb == "list" {
		fmt.Fprintln(p.Out, "Listing... Done")
	}
	for _, k := range world.Packages(p.Machine.Persona()) {
		wanted := len(names) == 0 && verb == "list"
		for _, n := range names {
			ok, _ := path.Match(n, k.Name)
			wanted = wanted || ok || verb == "search" && strings.Contains(k.Name+k.Description, n)
		}
		switch {
		case !wanted:
		case verb == "list":
			fmt.Fprintf(p.Out, "%s/now %s %s [installed,local]\n", k.Name, k.Version, k.Arch)
		case verb == "search":
			fmt.Fprintf(p.Out, "%s/now %s %s [installed,local]\n  %s\n\n", k.Name, k.Version, k.Arch, k.Description)
		case verb == "policy":
			fmt.Fprintf(p.Out, "%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n *** %s 100\n        100 /var/lib/dpkg/status\n", k.Name, k.Version, k.Version, k.Version)
		default:
			fmt.Fprintln(p.Out, k.Paragraph())
		}
	}
	return 0
}

func aptCache(_ context.Context, p *shell.Proc) int {
	verb := field(p.Args, 1)
	if verb == "" {
		return 0
	}
	return aptShow(p, verb, p.Args[2:])
}

// dpkg tells what is installed.
func dpkg(_ context.Context, p *shell.Proc) int {
	verb, names := field(p.Args, 1), p.Args[min(2, len(p.Args)):]
	switch verb {
	case "-l", "--list":
		return dpkgList(p, names)
	case "-L", "--listfiles":
		for _, n := range names {
			k, ok := installed(p, n)
			if !ok {
				fmt.Fprintf(p.Err, "dpkg-query: package '%s' is not installed\nUse dpkg --contents (= dpkg-deb --contents) to list archive files contents.\n", n)
				return 1
			}
			writeLines(p.Out, k.List())
		}
	case "-s", "--status":
		for _, n := range names {
			k, ok := installed(p, n)
			if !ok {
				fmt.Fprintf(p.Err, "dpkg-query: package '%s' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n", n)
				return 1
			}
			fmt.Fprint(p.Out, k.Paragraph())
		}
	case "-S", "--search":
		return dpkgSearch(p, names)
	case "--print-architecture":
		fmt.Fprintln(p.Out, "amd64")
	case "--get-selections":
		for _, k := range world.Packages(p.Machine.Persona()) {
			fmt.Fprintf(p.Out, "%s%sinstall\n", k.Key(), strings.Repeat("\t", max(1, (55-len(k.Key()))/8)))
		}
	case "-W", "--show":
		for _, k := range world.Packages(p.Machine.Persona()) {
			if len(names) == 0 || field(names, len(names)-1) == k.Name {
				fmt.Fprintf(p.Out, "%s\t%s\n", k.Key(), k.Version)
			}
		}
	case "--version":
		fmt.Fprintln(p.Out, "Debian 'dpkg' package management program version 1.21.22 (amd64).")
	case "-i", "--install", "-r", "--remove", "-P", "--purge", "--configure":
		if p.User.UID != 0 {
			fmt.Fprintln(p.Err, "dpkg: error: requested operation requires superuser privilege")
			return 2
		}
		for _, n := range names {
			if _, err := p.Files.Stat(n); err != nil && verb == "-i" {
				fmt.Fprintf(p.Err, "dpkg: error: cannot access archive '%s': %s\n", n, reason(err))
				return 2
			}
		}
	default:
		fmt.Fprintln(p.Err, "dpkg: error: need an action option")
		return 2
	}
	return 0
}

func dpkgList(p *shell.Proc, names []string) int {
	rows := []world.Package{}
	for _, k := range world.Packages(p.Machine.Persona()) {
		wanted := len(names) == 0
		for _, n := range names {
			ok, _ := path.Match(n, k.Name)
			wanted = wanted || ok
		}
		if wanted {
			rows = append(rows, k)
		}
	}
	if len(rows) == 0 {
		for _, n := range names {
			fmt.Fprintf(p.Err, "dpkg-query: no packages found matching %s\n", n)
		}
		return 1
	}
	w := [4]int{14, 12, 12, 33}
	for _, k := range rows {
		w[0], w[1] = max(w[0], len(k.Key())), max(w[1], len(k.Version))
	}
	fmt.Fprint(p.Out, "Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n")
	fmt.Fprintf(p.Out, "||/ %-*s %-*s %-*s Description\n+++-%s-%s-%s-%s\n", w[0], "Name", w[1], "Version", w[2], "Architecture", strings.Repeat("=", w[0]), strings.Repeat("=", w[1]), strings.Repeat("=", w[2]), strings.Repeat("=", w[3]))
	for _, k := range rows {
		fmt.Fprintf(p.Out, "ii  %-*s %-*s %-*s %s\n", w[0], k.Key(), w[1], k.Version, w[2], k.Arch, k.Description)
	}
	return 0
}

func dpkgSearch(p *shell.Proc, names []string) int {
	status := 0
	for _, n := range names {
		hit := false
		for _, k := range world.Packages(p.Machine.Persona()) {
			for _, f := range k.Files {
				if f.Path == n || f.Path == "/usr"+n || !strings.HasPrefix(n, "/") && strings.Contains(f.Path, n) {
					fmt.Fprintf(p.Out, "%s: %s\n", k.Key(), f.Path)
					hit = true
				}
			}
		}
		if !hit {
			fmt.Fprintf(p.Err, "dpkg-query: no path found matching pattern %s\n", n)
			status = 1
		}
	}
	return status
}
