package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func services() table {
	return table{
		"systemctl": systemctl, "service": serviceOf, "journalctl": journalctl, "hostnamectl": hostnamectl, "timedatectl": timedatectl, "loginctl": loginctl, "systemd-detect-virt": detectVirt,
		"reboot": halt, "poweroff": halt, "halt": halt, "shutdown": halt, "init": halt, "telinit": halt, "runlevel": runlevel, "crontab": crontab, "locale": locale, "logger": succeed, "wall": succeed,
	}
}

func unitNamed(p *shell.Proc, name string) (world.Unit, bool) {
	if !strings.Contains(name, ".") {
		name += ".service"
	}
	if name == "sshd.service" {
		name = "ssh.service"
	}
	for _, u := range world.Units(p.Machine.Persona()) {
		if u.Name == name {
			return u, true
		}
	}
	return world.Unit{Name: name}, false
}

func systemctl(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "a,all t,type: state: p,property: l,full no-pager no-legend q,quiet n,lines: o,output: failed user system now f,force r,recursive H: value plain no-ask-password no-block runtime", usage: "[OPTIONS...] COMMAND ...", version: "252 (252.38-1~deb12u1)"})
	if a == nil {
		return status
	}
	verb := orElse(field(a.rest, 0), "list-units")
	names := a.rest[min(1, len(a.rest)):]
	switch verb {
	case "list-units":
		return listUnits(p, a)
	case "list-unit-files":
		fmt.Fprintln(p.Out, "UNIT FILE                              STATE    PRESET")
		for _, n := range world.Enabled(p.Machine.Persona()) {
			fmt.Fprintf(p.Out, "%-38s enabled  enabled\n", n)
		}
		return 0
	case "--failed":
		return 0
	case "daemon-reload", "daemon-reexec", "start", "stop", "restart", "reload", "enable", "disable", "mask", "unmask", "kill", "try-restart", "reset-failed", "edit", "isolate", "set-default":
		return controlUnits(p, verb, names)
	case "reboot", "poweroff", "halt":
		return halt(nil, p)
	case "is-system-running":
		fmt.Fprintln(p.Out, "running")
		return 0
	case "get-default":
		fmt.Fprintln(p.Out, "graphical.target")
		return 0
	case "status", "is-active", "is-enabled", "is-failed", "show", "cat":
		return queryUnits(p, verb, names, a.has("q"))
	}
	fmt.Fprintf(p.Err, "Unknown command verb %s.\n", verb)
	return 1
}

func listUnits(p *shell.Proc, a *arguments) int {
	if a.has("failed") {
		fmt.Fprintln(p.Out, "  UNIT LOAD ACTIVE SUB DESCRIPTION\n0 loaded units listed.")
		return 0
	}
	rows, n := [][]string{{"  UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"}}, 0
	for _, u := range world.Units(p.Machine.Persona()) {
		if kind := a.value("t", ""); kind != "" && !strings.HasSuffix(u.Name, "."+kind) || a.has("state") && a.value("state", "") != u.Sub && a.value("state", "") != "active" {
			continue
		}
		n++
		rows = append(rows, []string{"  " + u.Name, "loaded", "active", u.Sub, u.Description})
	}
	columns(p.Out, rows, nil, " ")
	if !a.has("no-legend") {
		fmt.Fprintf(p.Out, "\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n%d loaded units listed.", n)
		fmt.Fprintln(p.Out, " Pass --all to see loaded but inactive units, too.\nTo show all installed unit files use 'systemctl list-unit-files'.")
	}
	return 0
}

func controlUnits(p *shell.Proc, verb string, names []string) int {
	if p.User.UID != 0 {
		what := map[string]string{"enable": "Failed to enable unit: Interactive authentication required.", "disable": "Failed to disable unit: Interactive authentication required.", "daemon-reload": "Failed to reload daemon: Interactive authentication required."}[verb]
		for _, n := range names {
			if what == "" {
				fmt.Fprintf(p.Err, "Failed to %s %s: Interactive authentication required.\nSee system logs and 'systemctl status %s' for details.\n", verb, full(n), full(n))
			}
		}
		if what != "" {
			fmt.Fprintln(p.Err, what)
		}
		return 1
	}
	status := 0
	for _, n := range names {
		_, known := unitNamed(p, n)
		if _, err := p.Files.Stat("/etc/systemd/system/" + full(n)); err == nil {
			known = true
		}
		switch {
		case !known && (verb == "enable" || verb == "disable"):
			fmt.Fprintf(p.Err, "Failed to %s unit: Unit file %s does not exist.\n", verb, full(n))
			status = 1
		case !known && verb == "stop":
			fmt.Fprintf(p.Err, "Failed to stop %s: Unit %s not loaded.\n", full(n), full(n))
			status = 5
		case !known:
			fmt.Fprintf(p.Err, "Failed to %s %s: Unit %s not found.\n", verb, full(n), full(n))
			status = 5
		case verb == "enable":
			fmt.Fprintf(p.Err, "Created symlink /etc/systemd/system/multi-user.target.wants/%s → /etc/systemd/system/%s.\n", full(n), full(n))
			_ = p.Files.Symlink("/etc/systemd/system/"+full(n), "/etc/systemd/system/multi-user.target.wants/"+full(n))
		}
	}
	return status
}

func full(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return name + ".service"
}

func queryUnits(p *shell.Proc, verb string, names []string, quiet bool) int {
	status := 0
	for _, n := range names {
		u, known := unitNamed(p, n)
		say := func(yes, no string, code int) {
			text := yes
			if !known {
				text, status = no, code
			}
			if !quiet {
				fmt.Fprintln(p.Out, text)
			}
		}
		switch verb {
		case "is-active":
			say("active", "inactive", 3)
		case "is-failed":
			say("active", "inactive", 1)
		case "is-enabled":
			if !known {
				fmt.Fprintf(p.Err, "Failed to get unit file state for %s: No such file or directory\n", full(n))
				status = 1
				continue
			}
			say("enabled", "", 1)
		case "cat":
			b, err := p.Files.ReadFile("/lib/systemd/system/" + full(n))
			if err != nil {
				fmt.Fprintf(p.Err, "No files found for %s.\n", full(n))
				return 1
			}
			fmt.Fprintf(p.Out, "# /lib/systemd/system/%s\n%s", full(n), b)
		case "show":
			fmt.Fprintf(p.Out, "Id=%s\nNames=%s\nLoadState=%s\nActiveState=%s\n", u.Name, u.Name, map[bool]string{true: "loaded", false: "not-found"}[known], map[bool]string{true: "active", false: "inactive"}[known])
		default:
			if !known {
				fmt.Fprintf(p.Err, "Unit %s could not be found.\n", full(n))
				status = 4
				continue
			}
			unitStatus(p, u)
		}
	}
	return status
}

func unitStatus(p *shell.Proc, u world.Unit) {
	at := booted(p).Add(10 * time.Second)
	age := p.Now().Sub(at)
	ago := fmt.Sprintf("%dh ago", int(age.Hours()))
	if d := int(age.Hours()) / 24; d > 0 {
		ago = fmt.Sprintf("%d %s ago", d, plural(d, "day"))
	}
	mark := ""
	if p.InTerminal(1) {
		mark = "\x1b[0;1;32m"
	}
	end := strings.Repeat("\x1b[0m", order(mark != ""))
	fmt.Fprintf(p.Out, "%s●%s %s - %s\n     Loaded: loaded (/lib/systemd/system/%s; enabled; preset: enabled)\n     Active: %sactive (%s)%s since %s; %s\n", mark, end, u.Name, u.Description, u.Name, mark, u.Sub, end, at.Format("Mon 2006-01-02 15:04:05 MST"), ago)
	for _, d := range world.Processes(p.Machine.Persona(), p.Now()) {
		if d.Unit == u.Name {
			fmt.Fprintf(p.Out, "   Main PID: %d (%s)\n      Tasks: 1 (limit: %d)\n     Memory: %s\n        CPU: %.3fs\n     CGroup: /system.slice/%s\n             └─%d %q\n", d.PID, d.Name, p.Machine.Persona().Memory>>20, human(uint64(d.Resident)*1024, 1024), d.CPU.Seconds(), u.Name, d.PID, d.Args)
			break
		}
	}
}

func serviceOf(ctx context.Context, p *shell.Proc) int {
	switch {
	case len(p.Args) < 2:
		fmt.Fprintln(p.Err, "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]")
		return 1
	case p.Args[1] == "--status-all":
		for _, n := range []string{"apparmor", "cron", "dbus", "kmod", "networking", "procps", "ssh", "udev"} {
			fmt.Fprintf(p.Out, " [ + ]  %s\n", n)
		}
		return 0
	}
	if _, known := unitNamed(p, p.Args[1]); !known {
		fmt.Fprintf(p.Err, "%s: unrecognized service\n", p.Args[1])
		return 1
	}
	q := *p
	q.Args = []string{"systemctl", orElse(field(p.Args, 2), "status"), p.Args[1]}
	return systemctl(ctx, &q)
}
