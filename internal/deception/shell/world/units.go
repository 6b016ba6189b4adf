package world

import (
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Unit is a unit of systemd.
type Unit struct {
	Name        string
	Description string
	Exec        string // the command of a service
	Sub         string // its state in systemctl's words: running, exited, waiting
}

// Units returns the units that are active on a persona's machine.
func Units(p *persona.Persona) []Unit {
	net := HardwareOf(p).Interface
	all := []Unit{
		{"apparmor.service", "Load AppArmor profiles", "/lib/apparmor/apparmor.systemd reload", "exited"},
		{"cron.service", "Regular background program processing daemon", "/usr/sbin/cron -f $EXTRA_OPTS", "running"},
		{"dbus.service", "D-Bus System Message Bus", "@/usr/bin/dbus-daemon @dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only", "running"},
		{"getty@tty1.service", "Getty on tty1", `-/sbin/agetty -o '-p -- \\u' --noclear - $TERM`, "running"},
		{"ifup@" + net + ".service", "ifup for " + net, "/bin/sh -ec 'ifup --allow=hotplug " + net + "'", "exited"},
		{"ifupdown-pre.service", "Helper to synchronize boot up for ifupdown", "/bin/udevadm settle", "exited"},
		{"kmod-static-nodes.service", "Create List of Static Device Nodes", "/bin/kmod static-nodes --format=tmpfiles", "exited"},
		{"networking.service", "Raise network interfaces", "/sbin/ifup -a --read-environment", "exited"},
		{"rsyslog.service", "System Logging Service", "/usr/sbin/rsyslogd -n -iNONE", "running"},
		{"ssh.service", "OpenBSD Secure Shell server", "/usr/sbin/sshd -D $SSHD_OPTS", "running"},
		{"systemd-journald.service", "Journal Service", "/lib/systemd/systemd-journald", "running"},
		{"systemd-logind.service", "User Login Management", "/lib/systemd/systemd-logind", "running"},
		{"systemd-timesyncd.service", "Network Time Synchronization", "!!/lib/systemd/systemd-timesyncd", "running"},
		{"systemd-udevd.service", "Rule-based Manager for Device Events and Files", "/lib/systemd/systemd-udevd", "running"},
		{"systemd-user-sessions.service", "Permit User Sessions", "/lib/systemd/systemd-user-sessions start", "exited"},
	}
	switch p.Archetype {
	case "web-server":
		all = append(all, Unit{"nginx.service", "A high performance web server and a reverse proxy server", "/usr/sbin/nginx -g 'daemon on; master_process on;'", "running"})
	case "database-server":
		all = append(all, Unit{"postgresql.service", "PostgreSQL RDBMS", "/bin/true", "exited"}, Unit{"postgresql@15-main.service", "PostgreSQL Cluster 15-main", "-/usr/bin/pg_ctlcluster --skip-systemctl-redirect 15-main start", "running"})
	}
	if _, ok := p.Serves("ftp"); ok {
		all = append(all, Unit{"vsftpd.service", "vsftpd FTP server", "/usr/sbin/vsftpd /etc/vsftpd.conf", "running"})
	}
	if HardwareOf(p).Virt == "kvm" {
		all = append(all, Unit{"qemu-guest-agent.service", "QEMU Guest Agent", "-/usr/sbin/qemu-ga", "running"})
	}
	return append(all,
		Unit{"apt-daily-upgrade.timer", "Daily apt upgrade and clean activities", "", "waiting"}, Unit{"apt-daily.timer", "Daily apt download activities", "", "waiting"}, Unit{"dpkg-db-backup.timer", "Daily dpkg database backup timer", "", "waiting"},
		Unit{"e2scrub_all.timer", "Periodic ext4 Online Metadata Check for All Filesystems", "", "waiting"}, Unit{"fstrim.timer", "Discard unused blocks once a week", "", "waiting"}, Unit{"logrotate.timer", "Daily rotation of log files", "", "waiting"}, Unit{"systemd-tmpfiles-clean.timer", "Daily Cleanup of Temporary Directories", "", "waiting"})
}

// Enabled lists the units that start with the machine.
func Enabled(p *persona.Persona) (out []string) {
	for _, u := range Units(p) {
		if strings.Contains(u.Name, "@") || strings.HasPrefix(u.Name, "systemd-journald") || strings.HasPrefix(u.Name, "kmod") || strings.HasPrefix(u.Name, "ifupdown") || strings.HasPrefix(u.Name, "systemd-u") || strings.HasPrefix(u.Name, "systemd-tmp") || u.Name == "dbus.service" || u.Name == "systemd-logind.service" {
			continue
		}
		out = append(out, u.Name)
	}
	return out
}

// unit is the file of a unit; what nobody looks up is short.
func unit(name string) string {
	kind := strings.TrimPrefix(path.Ext(name), ".")
	title := strings.TrimSuffix(name, path.Ext(name))
	section := strings.ToUpper(kind[:1]) + kind[1:]
	for _, u := range Units(&persona.Persona{Services: []persona.Served{{Kind: "ftp"}}}) {
		if u.Name == name && kind == "service" {
			return lines("[Unit]", "Description="+u.Description, "", "[Service]", "ExecStart="+u.Exec, "Restart=on-failure", "", "[Install]", "WantedBy=multi-user.target")
		}
		if u.Name == name {
			title = u.Description
		}
	}
	return lines("[Unit]", "Description="+title, "", "["+section+"]")
}
