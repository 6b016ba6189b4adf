package world

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// homes adds the folders of the machine's people.
func (b *builder) homes() {
	for _, a := range b.users {
		if a.Person {
			b.home(a)
		}
	}
}

func (b *builder) home(a Account) {
	b.at(27 * time.Minute)
	b.owned(a, 0o700, nil, a.Home)
	for name, content := range skeletonFiles() {
		b.owned(a, 0o644, &content, a.Home, name)
	}
	r := b.p.Rand("world: home of " + a.Name)
	b.day = b.p.Installed.AddDate(0, 0, 1+r.IntN(20))
	b.owned(a, 0o700, nil, a.Home, ".ssh")
	key := b.publicKey(a.Name)
	b.owned(a, 0o600, &key, a.Home, ".ssh", "authorized_keys")
	known := b.knownHosts(a.Name)
	b.owned(a, 0o600, &known, a.Home, ".ssh", "known_hosts")
	b.owned(a, 0o755, nil, a.Home, ".local", "share")
	b.day = b.updated().AddDate(0, 0, -r.IntN(10))
	history := b.history(a)
	b.owned(a, 0o600, &history, a.Home, ".bash_history")
	notes := b.notes(a)
	b.owned(a, 0o644, &notes, a.Home, []string{"notes.txt", "todo.txt", "README"}[r.IntN(3)])
	if a.Admin {
		empty, script := "", b.backupScript(a)
		b.owned(a, 0o644, &empty, a.Home, ".sudo_as_admin_successful")
		b.owned(a, 0o755, nil, a.Home, "bin")
		b.owned(a, 0o755, &script, a.Home, "bin", "backup.sh")
	}
}

func (b *builder) publicKey(user string) string {
	sum := b.p.Derive("world: key of " + user)
	raw := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), sum[:]...)
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(raw) + " " + user + "@" + []string{"laptop", "desktop", "thinkpad", "mbp", "workstation"}[sum[1]%5] + "\n"
}

// fingerprint is a key's as sshd logs it.
func fingerprint(sum []byte) string { return base64.RawStdEncoding.EncodeToString(sum[:32]) }

// knownHosts has hashed names, as HashKnownHosts makes them.
func (b *builder) knownHosts(user string) string {
	var out strings.Builder
	for i := range 2 + b.p.Rand("world: known hosts of "+user).IntN(4) {
		salt, sum, key := b.p.Derive(fmt.Sprint("world: salt ", user, i)), b.p.Derive(fmt.Sprint("world: host ", user, i)), b.p.Derive(fmt.Sprint("world: host key ", i))
		raw := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), key[:]...)
		fmt.Fprintf(&out, "|1|%s|%s ssh-ed25519 %s\n", base64.StdEncoding.EncodeToString(salt[:20]), base64.StdEncoding.EncodeToString(sum[:20]), base64.StdEncoding.EncodeToString(raw))
	}
	return out.String()
}

// history is what somebody typed, drawn from what people type on such machines.
func (b *builder) history(a Account) string {
	r := b.p.Rand("world: history of " + a.Name)
	common := []string{"ls", "ls -la", "df -h", "free -m", "top", "cd /var/log", "tail -n 50 syslog", "uptime", "ip a", "cd", "who", "ps aux | grep ssh", "cat /etc/hosts", "less /var/log/syslog", "du -sh *", "exit", "history | grep apt", "ping -c 3 " + b.net.Gateway.String(), "vi notes.txt", "ssh-keygen -t ed25519"}
	if a.Admin {
		common = append(common, "sudo apt update", "sudo apt upgrade", "sudo systemctl restart ssh", "sudo journalctl -u ssh --since today", "sudo reboot", "sudo -i", "sudo tail -f /var/log/auth.log", "./bin/backup.sh", "crontab -l", "sudo apt autoremove")
	}
	switch b.p.Archetype {
	case "web-server":
		common = append(common, "cd /var/www/html", "sudo nginx -t", "sudo systemctl reload nginx", "tail -f /var/log/nginx/access.log", "sudo vi /etc/nginx/sites-available/default", "curl -I localhost", "grep 404 /var/log/nginx/access.log | tail")
	case "database-server":
		common = append(common, "sudo -u postgres psql", "sudo systemctl status postgresql", "pg_lsclusters", "sudo du -sh /var/lib/postgresql/15/main", "sudo -u postgres pg_dumpall > dump.sql", "sudo less /var/log/postgresql/postgresql-15-main.log")
	}
	var out strings.Builder
	for range 25 + r.IntN(90) {
		out.WriteString(common[r.IntN(len(common))] + "\n")
	}
	return out.String()
}

func (b *builder) notes(a Account) string {
	r := b.p.Rand("world: notes of " + a.Name)
	all := []string{"- ask " + b.p.Users[r.IntN(len(b.p.Users))].Name + " about the disk alert", "- renew certificate before " + b.p.Booted.AddDate(0, 4, 0).Format("Jan 2"), "- move backups off " + b.p.Hostname, "- gateway is " + b.net.Gateway.String(), "- reboot after kernel update", "- check cron mails", "- document restore steps", "- old logs can go after audit", "- monitoring: add load check"}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return lines(all[:2+r.IntN(5)]...)
}

func (b *builder) backupScript(a Account) string {
	target := map[string]string{"web-server": "/var/www", "database-server": "/var/lib/postgresql", "linux-server": "/etc"}[b.p.Archetype]
	return lines("#!/bin/bash", "set -e", "day=$(date +%F)", "tar czf /var/backups/"+b.p.Hostname+"-$day.tar.gz "+target, "find /var/backups -name '"+b.p.Hostname+"-*.tar.gz' -mtime +14 -delete")
}

// roots adds root's home.
func (b *builder) roots() {
	b.at(27 * time.Minute)
	root := b.users[0]
	for name, content := range map[string]string{
		".bashrc":  lines("# ~/.bashrc: executed by bash(1) for non-login shells.", "# umask 022", "# export LS_OPTIONS='--color=auto'", "# alias ls='ls $LS_OPTIONS'"),
		".profile": lines("# ~/.profile: executed by Bourne-compatible login shells.", `if [ "$BASH" ]; then`, "  if [ -f ~/.bashrc ]; then", "    . ~/.bashrc", "  fi", "fi", "", "mesg n 2> /dev/null || true"),
	} {
		b.text("/root/"+name, content)
	}
	b.add("/root/.ssh", vfs.Node{Mode: fs.ModeDir | 0o700})
	b.day = b.updated()
	history := b.history(Account{Name: root.Name, Admin: false}) + "apt update && apt upgrade -y\nsystemctl status\nreboot\n"
	b.mode("/root/.bash_history", 0o600, history)
}

// archetype adds what such a machine is there for.
func (b *builder) archetype() {
	b.ftp()
	switch b.p.Archetype {
	case "web-server":
		b.web()
	case "database-server":
		b.database()
	default:
		b.at(48 * time.Hour)
		b.dir(0o755, "/opt/scripts", "/srv/data")
		b.mode("/opt/scripts/healthcheck.sh", 0o755, lines("#!/bin/sh", "df -P / | awk 'NR==2 && $5+0 > 90 {print \"disk nearly full: \" $5}'", "systemctl --failed --no-legend"))
	}
}

// ftp adds what vsftpd's package and its operator have set up.
func (b *builder) ftp() {
	served, ok := b.p.Serves("ftp")
	if !ok {
		return
	}
	b.at(71 * time.Hour)
	_, gid := ftpIDs(b.p)
	b.add("/srv/ftp", vfs.Node{Mode: fs.ModeDir | 0o755, GID: gid})
	says := func(key string, otherwise bool) string {
		return key + "=" + yesNo(served.Says(key, otherwise))
	}
	b.text("/etc/vsftpd.conf", lines("listen=NO", "listen_ipv6=YES", says("anonymous_enable", false), says("local_enable", true), says("write_enable", true),
		"anon_upload_enable="+yesNo(served.Says("anon_write_enable", false)), "dirmessage_enable=YES", "use_localtime=YES", "xferlog_enable=YES", "connect_from_port_20=YES",
		"secure_chroot_dir=/var/run/vsftpd/empty", "pam_service_name=vsftpd", "ssl_enable=NO"))
	b.text("/etc/ftpusers", lines("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "nobody"))
	b.mode("/etc/pam.d/vsftpd", 0o644, lines("auth\trequired\tpam_listfile.so item=user sense=deny file=/etc/ftpusers onerr=succeed", "@include common-account", "@include common-session", "@include common-auth", "auth\trequired\tpam_shells.so"))
	b.day = b.weekStart()
	b.add("/var/log/vsftpd.log", vfs.Node{Mode: 0o600})
}

func yesNo(yes bool) string {
	if yes {
		return "YES"
	}
	return "NO"
}

func (b *builder) web() {
	b.at(72 * time.Hour)
	for _, d := range []string{"conf.d", "modules-available", "modules-enabled", "sites-available", "sites-enabled", "snippets"} {
		b.dir(0o755, "/etc/nginx/"+d)
	}
	b.text("/etc/nginx/nginx.conf", lines("user www-data;", "worker_processes auto;", "pid /run/nginx.pid;", "error_log /var/log/nginx/error.log;", "include /etc/nginx/modules-enabled/*.conf;", "", "events {", "\tworker_connections 768;", "}", "", "http {", "\tsendfile on;", "\ttcp_nopush on;", "\ttypes_hash_max_size 2048;", "\tinclude /etc/nginx/mime.types;", "\tdefault_type application/octet-stream;", "\tssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;", "\taccess_log /var/log/nginx/access.log;", "\tgzip on;", "\tinclude /etc/nginx/conf.d/*.conf;", "\tinclude /etc/nginx/sites-enabled/*;", "}"))
	b.text("/etc/nginx/sites-available/default", lines("server {", "\tlisten 80 default_server;", "\tlisten [::]:80 default_server;", "\troot /var/www/html;", "\tindex index.html index.htm index.nginx-debian.html;", "\tserver_name _;", "\tlocation / {", "\t\ttry_files $uri $uri/ =404;", "\t}", "}"))
	b.link("/etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default")
	b.text("/etc/nginx/mime.types", lines("types {", "    text/html                             html htm shtml;", "    text/css                              css;", "    image/gif                             gif;", "    image/jpeg                            jpeg jpg;", "    application/javascript                js;", "}"))
	b.text("/var/www/html/index.html", lines("<!DOCTYPE html>", "<html>", "<head><title>"+b.p.FQDN()+"</title></head>", "<body>", "<h1>"+b.p.Hostname+"</h1>", "<p>Intranet services. Please sign in through the portal.</p>", "</body>", "</html>"))
	b.text("/var/www/html/robots.txt", "User-agent: *\nDisallow: /\n")
	b.day = b.weekStart()
	b.add("/var/log/nginx", vfs.Node{Mode: fs.ModeDir | 0o755, GID: 4})
	b.growing("/var/log/nginx/access.log", 0o640, 4, func() time.Time { return b.now().Truncate(24 * time.Hour) }, b.accessLog)
	b.add("/var/log/nginx/error.log", vfs.Node{Mode: 0o640, UID: 33, GID: 4})
}

// hitForm is how nginx writes times.
const hitForm = "02/Jan/2006:15:04:05 -0700"

func (b *builder) accessLog() string {
	var out strings.Builder
	b.hours(b.now().Truncate(24*time.Hour), b.now(), func(at time.Time, pid int) {
		at = at.In(Location(b.p))
		for i := range 1 + pid%5 {
			hit := at.Add(time.Duration(i*97) * time.Second)
			if hit.After(b.now()) {
				return
			}
			page := []string{"/", "/index.html", "/robots.txt", "/favicon.ico", "/status"}[(pid+i)%5]
			code, size := 200, 312
			if strings.HasPrefix(page, "/fav") || page == "/status" {
				code, size = 404, 153
			}
			fmt.Fprintf(&out, "%s - - [%s] \"GET %s HTTP/1.1\" %d %d \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"\n", deskOf(b.p, fmt.Sprint(pid%7)), hit.Format(hitForm), page, code, size)
		}
	})
	return out.String()
}

func (b *builder) database() {
	b.at(72 * time.Hour)
	pg := Account{UID: 102, GID: 110}
	put := func(name string, mode fs.FileMode, content string) { b.owned(pg, mode, &content, name) }
	dir := func(name string, mode fs.FileMode) { b.owned(pg, mode, nil, name) }
	dir("/etc/postgresql/15/main", 0o755)
	put("/etc/postgresql/15/main/postgresql.conf", 0o644, lines("data_directory = '/var/lib/postgresql/15/main'", "hba_file = '/etc/postgresql/15/main/pg_hba.conf'", "listen_addresses = '*'", "port = 5432", "max_connections = 100", fmt.Sprintf("shared_buffers = %dMB", b.p.Memory>>22), "log_line_prefix = '%m [%p] %q%u@%d '", "cluster_name = '15/main'", "include_dir = 'conf.d'"))
	put("/etc/postgresql/15/main/pg_hba.conf", 0o640, lines("# TYPE  DATABASE        USER            ADDRESS                 METHOD", "local   all             postgres                                peer", "local   all             all                                     peer", "host    all             all             127.0.0.1/32            scram-sha-256", "host    all             all             "+b.net.Address.Masked().String()+"            scram-sha-256"))
	dir("/var/lib/postgresql", 0o755)
	dir("/var/lib/postgresql/15", 0o755)
	dir("/var/lib/postgresql/15/main", 0o700)
	for _, name := range []string{"base", "global", "pg_commit_ts", "pg_dynshmem", "pg_logical", "pg_multixact", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal", "pg_xact"} {
		dir("/var/lib/postgresql/15/main/"+name, 0o700)
	}
	put("/var/lib/postgresql/15/main/PG_VERSION", 0o600, "15\n")
	b.add("/var/log/postgresql", vfs.Node{Mode: fs.ModeDir | fs.ModeSticky | 0o775, GID: 110})
}
