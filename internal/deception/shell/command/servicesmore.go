package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// journalctl shows what syslog has.
func journalctl(ctx context.Context, p *shell.Proc) int {
	numbered(p, false)
	a, status := options(p, tool{spec: "n,lines? f,follow u,unit: b,boot? k,dmesg x,catalog e,pager-end r,reverse p,priority: S,since: U,until: no-pager o,output: g,grep: q,quiet disk-usage vacuum-size: vacuum-time: rotate flush t,identifier: a,all list-boots", usage: "[OPTIONS...] [MATCHES...]", version: "252 (252.38-1~deb12u1)"})
	if a == nil {
		return status
	}
	switch {
	case a.has("disk-usage"):
		fmt.Fprintln(p.Out, "Archived and active journals take up 56.0M in the file system.")
		return 0
	case a.has("vacuum-size", "vacuum-time", "rotate", "flush"):
		return denied(ctx, p)
	}
	b, err := p.Files.ReadFirst("/var/log/syslog", vfs.MostRead)
	if err != nil {
		fmt.Fprintln(p.Err, "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\nNo journal files were opened due to insufficient permissions.")
		return 1
	}
	var out []string
	for _, line := range splitLines(b) {
		stamp, rest, _ := strings.Cut(line, " ")
		t, err := time.Parse("2006-01-02T15:04:05.000000-07:00", stamp)
		unit := strings.TrimSuffix(a.value("u", ""), ".service")
		if err == nil && strings.Contains(strings.ToLower(rest), unit) {
			out = append(out, t.Format("Jan 02 15:04:05 ")+rest)
		}
	}
	if n := 0; a.has("n") {
		if _, err := fmt.Sscan(a.value("n", ""), &n); err != nil {
			n = 10
		}
		out = out[max(len(out)-n, 0):]
	}
	if len(out) == 0 {
		out = []string{"-- No entries --"}
	}
	writeLines(p.Out, out)
	if a.has("f") {
		return follow(ctx, p, "/var/log/syslog")
	}
	return 0
}

func hostnamectl(_ context.Context, p *shell.Proc) int {
	me, hw := p.Machine.Persona(), world.HardwareOf(p.Machine.Persona())
	if len(p.Args) > 2 && p.User.UID != 0 {
		fmt.Fprintln(p.Err, "Could not set static hostname: Interactive authentication required.")
		return 1
	}
	machine, _ := p.Files.ReadFile("/etc/machine-id")
	boot, _ := p.Files.ReadFile("/proc/sys/kernel/random/boot_id")
	fmt.Fprintf(p.Out, " Static hostname: %s\n       Icon name: computer-vm\n         Chassis: vm\n      Machine ID: %s\n         Boot ID: %s\n  Virtualization: %s\nOperating System: %s\n          Kernel: Linux %s\n    Architecture: x86-64\n Hardware Vendor: %s\n  Hardware Model: %s\nFirmware Version: %s\n",
		me.Hostname, strings.TrimSpace(string(machine)), strings.ReplaceAll(strings.TrimSpace(string(boot)), "-", ""), hw.Virt, me.OS.Pretty, me.OS.Release, hw.Vendor, hw.Product, hw.BIOS)
	return 0
}

func timedatectl(_ context.Context, p *shell.Proc) int {
	now := p.Now().In(world.Location(p.Machine.Persona()))
	const form = "Mon 2006-01-02 15:04:05"
	fmt.Fprintf(p.Out, "               Local time: %s\n           Universal time: %s\n                 RTC time: %s\n                Time zone: %s (%s)\nSystem clock synchronized: yes\n              NTP service: active\n          RTC in local TZ: no\n", now.Format(form+" MST"), now.UTC().Format(form+" MST"), now.UTC().Format(form), p.Machine.Persona().Zone, now.Format("MST, -0700"))
	return 0
}

func loginctl(_ context.Context, p *shell.Proc) int {
	list := p.Machine.Sessions()
	if len(list) == 0 {
		fmt.Fprintln(p.Out, "No sessions.")
		return 0
	}
	rows := [][]string{{"SESSION", "UID", "USER", "SEAT", "TTY"}}
	for i, s := range list {
		u, _ := p.Machine.User(s.User)
		rows = append(rows, []string{fmt.Sprint(3 + 2*i), fmt.Sprint(u.UID), s.User, "", s.TTY})
	}
	columns(p.Out, rows, func(c int) bool { return c < 2 }, " ")
	fmt.Fprintf(p.Out, "\n%d %s listed.\n", len(list), map[bool]string{true: "session", false: "sessions"}[len(list) == 1])
	return 0
}

func detectVirt(_ context.Context, p *shell.Proc) int {
	if strings.Contains(strings.Join(p.Args[1:], " "), "-c") {
		fmt.Fprintln(p.Out, "none")
		return 1
	}
	fmt.Fprintln(p.Out, world.HardwareOf(p.Machine.Persona()).Virt)
	return 0
}

// halt ends the login as the end of the machine would; the machine is there
// again for the next one.
func halt(_ context.Context, p *shell.Proc) int {
	name := p.Args[0][strings.LastIndexByte(p.Args[0], '/')+1:]
	if p.User.UID != 0 {
		if name == "init" || name == "telinit" {
			fmt.Fprintf(p.Err, "%s: must be superuser.\n", name)
		} else {
			fmt.Fprintf(p.Err, "Failed to set wall message, ignoring: Interactive authentication required.\nFailed to %s system via logind: Interactive authentication required.\nFailed to open initctl fifo: Permission denied\nFailed to talk to init daemon.\n", map[string]string{"reboot": "reboot", "systemctl": "reboot"}[name]+map[string]string{"poweroff": "power off", "halt": "halt", "shutdown": "schedule shutdown"}[name])
		}
		return 1
	}
	if name == "shutdown" && !strings.Contains(strings.Join(p.Args[1:], " "), "now") && !strings.Contains(strings.Join(p.Args[1:], " "), "+0") {
		at := p.Now().Add(time.Minute).In(world.Location(p.Machine.Persona()))
		fmt.Fprintf(p.Err, "Shutdown scheduled for %s, use 'shutdown -c' to cancel.\n", at.Format("Mon 2006-01-02 15:04:05 MST"))
		return 0
	}
	if (name == "init" || name == "telinit") && field(p.Args, 1) != "0" && field(p.Args, 1) != "6" {
		return 0
	}
	for _, d := range p.Machine.Processes() {
		for _, s := range p.Machine.Sessions() {
			if d.PID == s.PID {
				_ = p.Machine.Signal(d.PID, shell.SIGHUP, p.User)
			}
		}
	}
	return 0
}

func runlevel(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, "N 5")
	return 0
}

func locale(_ context.Context, p *shell.Proc) int {
	if len(p.Args) > 1 && p.Args[1] == "-a" {
		fmt.Fprintln(p.Out, "C\nC.utf8\nen_US.utf8\nPOSIX")
		return 0
	}
	lang, all := p.Env.Get("LANG"), p.Env.Get("LC_ALL")
	fmt.Fprintf(p.Out, "LANG=%s\nLANGUAGE=%s\n", lang, p.Env.Get("LANGUAGE"))
	for _, n := range []string{"CTYPE", "NUMERIC", "TIME", "COLLATE", "MONETARY", "MESSAGES", "PAPER", "NAME", "ADDRESS", "TELEPHONE", "MEASUREMENT", "IDENTIFICATION"} {
		fmt.Fprintf(p.Out, "LC_%s=%q\n", n, orElse(orElse(all, lang), "POSIX"))
	}
	fmt.Fprintf(p.Out, "LC_ALL=%s\n", all)
	return 0
}

// crontab keeps the tables of users, with the right of its group.
func crontab(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "u: l e r i n", usage: "[-u user] file", version: "cron 3.0pl1"})
	if a == nil {
		return status
	}
	user := p.User
	if name := a.value("u", ""); name != "" {
		if p.User.UID != 0 {
			fmt.Fprintln(p.Err, "must be privileged to use -u")
			return 1
		}
		u, ok := p.Machine.User(name)
		if !ok {
			fmt.Fprintf(p.Err, "crontab:  user `%s' unknown\n", name)
			return 1
		}
		user = u
	}
	root, _ := p.Machine.UserByID(0)
	files, name := p.As(root).Files, "/var/spool/cron/crontabs/"+user.Name
	switch {
	case a.has("l"):
		b, err := files.ReadFile(name)
		if err != nil {
			fmt.Fprintf(p.Err, "no crontab for %s\n", user.Name)
			return 1
		}
		_, _ = p.Out.Write(b)
		return 0
	case a.has("r"):
		if files.Remove(name) != nil {
			fmt.Fprintf(p.Err, "no crontab for %s\n", user.Name)
			return 1
		}
		return 0
	case a.has("e"):
		fmt.Fprintf(p.Err, "no crontab for %s - using an empty one\n/usr/bin/sensible-editor: 20: editor: not found\n/usr/bin/sensible-editor: 31: nano: not found\n/usr/bin/sensible-editor: 20: nano-tiny: not found\n/usr/bin/sensible-editor: 20: vi: not found\nCouldn't find an editor!\ncrontab: \"/usr/bin/sensible-editor\" exited with status 1\n", user.Name)
		return 1
	}
	return crontabInstall(ctx, p, files, name, user, orDash(a.rest)[0])
}
