package world

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// admin adds the configuration that administrators read first.
func (b *builder) admin() {
	b.at(24 * time.Minute)
	b.cron()
	b.apt()
	b.shells()
	b.add("/etc/sudoers", vfs.Node{Mode: 0o440, Data: []byte(lines("Defaults\tenv_reset", "Defaults\tmail_badpass", `Defaults	secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`, "Defaults\tuse_pty", "",
		"# User privilege specification", "root\tALL=(ALL:ALL) ALL", "", "# Allow members of group sudo to execute any command", "%sudo\tALL=(ALL:ALL) ALL", "", "@includedir /etc/sudoers.d"))})
	b.dir(0o750, "/etc/sudoers.d")
	b.text("/etc/login.defs", lines("MAIL_DIR        /var/mail", "FAILLOG_ENAB\t\tyes", "LOG_UNKFAIL_ENAB\tno", "SYSLOG_SU_ENAB\t\tyes", "ENV_SUPATH\tPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "ENV_PATH\tPATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
		"UMASK\t\t022", "PASS_MAX_DAYS\t99999", "PASS_MIN_DAYS\t0", "PASS_WARN_AGE\t7", "UID_MIN\t\t\t 1000", "UID_MAX\t\t\t60000", "GID_MIN\t\t\t 1000", "GID_MAX\t\t\t60000", "LOGIN_RETRIES\t\t5", "LOGIN_TIMEOUT\t\t60", "USERGROUPS_ENAB yes", "ENCRYPT_METHOD YESCRYPT"))
	b.text("/etc/sysctl.conf", lines("#net.ipv4.ip_forward=1", "#net.ipv4.conf.all.accept_redirects = 0", "#kernel.sysrq=438"))
	b.link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf")
	b.text("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n\n")
	b.text("/etc/ld.so.conf.d/libc.conf", "# libc default configuration\n/usr/local/lib\n")
	b.text("/etc/ld.so.conf.d/x86_64-linux-gnu.conf", "# Multiarch support\n/usr/local/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n")
	b.add("/etc/ld.so.cache", vfs.Node{Mode: 0o644, Size: 18_331, Make: func() []byte { return append([]byte("glibc-ld.so.cache1.1"), b.binary("ld.so.cache", 18_375)[64:]...) }})
	b.text("/etc/rsyslog.conf", lines(`module(load="imuxsock")`, `module(load="imklog")`, "$FileOwner root", "$FileGroup adm", "$FileCreateMode 0640", "$IncludeConfig /etc/rsyslog.d/*.conf", "", "*.*;auth,authpriv.none\t\t-/var/log/syslog", "auth,authpriv.*\t\t\t/var/log/auth.log", "cron.*\t\t\t\t-/var/log/cron.log", "kern.*\t\t\t\t-/var/log/kern.log", "mail.*\t\t\t\t-/var/log/mail.log", "user.*\t\t\t\t-/var/log/user.log", "*.emerg\t\t\t\t:omusrmsg:*"))
	b.dir(0o755, "/etc/rsyslog.d", "/etc/logrotate.d", "/etc/security", "/etc/default", "/etc/init.d", "/etc/modprobe.d", "/etc/modules-load.d", "/etc/udev", "/etc/X11", "/etc/dhcp", "/etc/terminfo", "/etc/opt", "/etc/ca-certificates", "/etc/kernel", "/etc/grub.d", "/etc/initramfs-tools", "/etc/iproute2", "/etc/dbus-1", "/etc/gss", "/etc/selinux", "/etc/xdg", "/etc/skel", "/etc/binfmt.d", "/etc/perl", "/etc/apparmor.d", "/etc/apparmor")
	b.text("/etc/logrotate.conf", lines("weekly", "rotate 4", "create", "include /etc/logrotate.d"))
	for name, period := range map[string]string{"wtmp": "monthly", "btmp": "monthly", "apt": "monthly", "dpkg": "monthly", "rsyslog": "weekly"} {
		b.text("/etc/logrotate.d/"+name, "/var/log/"+name+" {\n    missingok\n    "+period+"\n    rotate 1\n}\n")
	}
	for _, name := range []string{"common-auth", "common-account", "common-password", "common-session", "login", "sshd", "su", "sudo", "passwd", "cron", "other"} {
		b.text("/etc/pam.d/"+name, pam(name))
	}
	b.text("/etc/modules", "# /etc/modules: kernel modules to load at boot time.\n")
	b.text("/etc/environment", "")
	b.text("/etc/rmt", "")
	b.text("/etc/mke2fs.conf", lines("[defaults]", "\tbase_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr", "\tdefault_mntopts = acl,user_xattr", "\tblocksize = 4096", "\tinode_size = 256", "\tinode_ratio = 16384"))
	for _, name := range []string{"ssh", "cron", "rsyslog", "grub", "useradd", "networking"} {
		b.text("/etc/default/"+name, "# Options of "+name+".\n")
		b.mode("/etc/init.d/"+name, 0o755, "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: "+name+"\n### END INIT INFO\nexec systemctl \"$1\" "+name+"\n")
	}
	b.add("/etc/ssl/certs/ca-certificates.crt", vfs.Node{Mode: 0o644, Size: 215_352, Make: func() []byte { return []byte(certificates(b)) }})
	b.add("/etc/ssl/private", vfs.Node{Mode: fs.ModeDir | 0o700})
	b.text("/etc/nftables.conf", lines("#!/usr/sbin/nft -f", "", "flush ruleset", "", "table inet filter {", "\tchain input {", "\t\ttype filter hook input priority filter;", "\t}", "\tchain forward {", "\t\ttype filter hook forward priority filter;", "\t}", "\tchain output {", "\t\ttype filter hook output priority filter;", "\t}", "}"))
}

func pam(name string) string {
	switch name {
	case "common-auth":
		return lines("auth\t[success=1 default=ignore]\tpam_unix.so nullok", "auth\trequisite\t\t\tpam_deny.so", "auth\trequired\t\t\tpam_permit.so")
	case "common-account":
		return lines("account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so", "account\trequisite\t\t\tpam_deny.so", "account\trequired\t\t\tpam_permit.so")
	case "common-password":
		return lines("password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt", "password\trequisite\t\t\tpam_deny.so", "password\trequired\t\t\tpam_permit.so")
	case "common-session":
		return lines("session\t[default=1]\t\t\tpam_permit.so", "session\trequisite\t\t\tpam_deny.so", "session\trequired\t\t\tpam_permit.so", "session\trequired\tpam_unix.so", "session\toptional\tpam_systemd.so")
	}
	return lines("@include common-auth", "@include common-account", "@include common-session")
}

// certificates returns text in the form of a bundle of certificates.
func certificates(b *builder) string {
	var out strings.Builder
	for i := 0; out.Len() < 215_352; i++ {
		out.WriteString("-----BEGIN CERTIFICATE-----\n")
		for j := range 24 {
			out.WriteString(b.hash(fmt.Sprint("certificate ", i, j), 64) + "\n")
		}
		out.WriteString("-----END CERTIFICATE-----\n")
	}
	return out.String()[:215_352]
}

func (b *builder) cron() {
	b.text("/etc/crontab", lines("# /etc/crontab: system-wide crontab", "SHELL=/bin/sh", "PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin", "",
		"17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly", "25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
		"47 6\t* * 7\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }", "52 6\t1 * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }", "#"))
	b.dir(0o755, "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/cron.yearly")
	for _, name := range []string{"apt-compat", "dpkg", "logrotate"} {
		b.mode("/etc/cron.daily/"+name, 0o755, "#!/bin/sh\n[ -d /run/systemd/system ] && exit 0\nexit 0\n")
	}
	b.text("/etc/cron.d/e2scrub_all", lines("30 3 * * 0 root test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron", "10 3 * * * root test -e /run/systemd/system || SERVICE_MODE=1 /sbin/e2scrub_all -A -r"))
}

func (b *builder) apt() {
	b.text("/etc/apt/sources.list", lines("deb http://deb.debian.org/debian/ bookworm main non-free-firmware", "deb-src http://deb.debian.org/debian/ bookworm main non-free-firmware", "",
		"deb http://security.debian.org/debian-security bookworm-security main non-free-firmware", "deb-src http://security.debian.org/debian-security bookworm-security main non-free-firmware", "",
		"deb http://deb.debian.org/debian/ bookworm-updates main non-free-firmware", "deb-src http://deb.debian.org/debian/ bookworm-updates main non-free-firmware"))
	b.dir(0o755, "/etc/apt/sources.list.d", "/etc/apt/preferences.d", "/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/etc/apt/auth.conf.d")
	b.text("/etc/apt/apt.conf.d/01autoremove", "APT { NeverAutoRemove { \"^firmware-linux.*\"; \"^linux-firmware$\"; \"^linux-image-[a-z0-9]*$\"; }; };\n")
	b.text("/etc/apt/apt.conf.d/70debconf", "DPkg::Pre-Install-Pkgs {\"/usr/sbin/dpkg-preconfigure --apt || true\";};\n")
	b.text("/etc/dpkg/dpkg.cfg", "no-debsig\nlog /var/log/dpkg.log\n")
}

// shells adds the files that shells read at their start.
func (b *builder) shells() {
	b.text("/etc/profile", lines("# /etc/profile: system-wide .profile file for the Bourne shell (sh(1))", `if [ "$(id -u)" -eq 0 ]; then`, `  PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"`, "else", `  PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"`, "fi", "export PATH", "",
		`if [ "${PS1-}" ]; then`, `  if [ "${BASH-}" ] && [ "$BASH" != "/bin/sh" ]; then`, "    if [ -f /etc/bash.bashrc ]; then", "      . /etc/bash.bashrc", "    fi", "  else", `    if [ "$(id -u)" -eq 0 ]; then PS1='# '; else PS1='$ '; fi`, "  fi", "fi", "",
		"if [ -d /etc/profile.d ]; then", "  for i in /etc/profile.d/*.sh; do", "    if [ -r $i ]; then", "      . $i", "    fi", "  done", "  unset i", "fi"))
	b.dir(0o755, "/etc/profile.d")
	b.text("/etc/bash.bashrc", lines("# System-wide .bashrc file for interactive bash(1) shells.", `[ -z "$PS1" ] && return`, "shopt -s checkwinsize", `if [ -z "${debian_chroot:-}" ] && [ -r /etc/debian_chroot ]; then`, "    debian_chroot=$(cat /etc/debian_chroot)", "fi", `PS1='${debian_chroot:+($debian_chroot)}\u@\h:\w\$ '`))
	b.text("/etc/inputrc", "set input-meta on\nset output-meta on\n")
	for name, content := range skeletonFiles() {
		b.text("/etc/skel/"+name, content)
	}
}

// skeletonFiles is what a new home folder gets.
func skeletonFiles() map[string]string {
	return map[string]string{
		".bash_logout": lines("# ~/.bash_logout: executed by bash(1) when login shell exits.", `if [ "$SHLVL" = 1 ]; then`, "    [ -x /usr/bin/clear_console ] && /usr/bin/clear_console -q", "fi"),
		".profile":     lines("# ~/.profile: executed by the command interpreter for login shells.", `if [ -n "$BASH_VERSION" ]; then`, `    if [ -f "$HOME/.bashrc" ]; then`, `	. "$HOME/.bashrc"`, "    fi", "fi", `if [ -d "$HOME/bin" ] ; then`, `    PATH="$HOME/bin:$PATH"`, "fi", `if [ -d "$HOME/.local/bin" ] ; then`, `    PATH="$HOME/.local/bin:$PATH"`, "fi"),
		".bashrc": lines("# ~/.bashrc: executed by bash(1) for non-login shells.", "case $- in", "    *i*) ;;", "      *) return;;", "esac", "", "HISTCONTROL=ignoreboth", "shopt -s histappend", "HISTSIZE=1000", "HISTFILESIZE=2000", "shopt -s checkwinsize", "",
			`if [ -z "${debian_chroot:-}" ] && [ -r /etc/debian_chroot ]; then`, "    debian_chroot=$(cat /etc/debian_chroot)", "fi", "", `case "$TERM" in`, "    xterm-color|*-256color) color_prompt=yes;;", "esac", "", `if [ "$color_prompt" = yes ]; then`,
			`    PS1='${debian_chroot:+($debian_chroot)}\[\033[01;32m\]\u@\h\[\033[00m\]:\[\033[01;34m\]\w\[\033[00m\]\$ '`, "else", `    PS1='${debian_chroot:+($debian_chroot)}\u@\h:\w\$ '`, "fi", "unset color_prompt", "",
			"if [ -x /usr/bin/dircolors ]; then", "    alias ls='ls --color=auto'", "fi", "", "if [ -f ~/.bash_aliases ]; then", "    . ~/.bash_aliases", "fi"),
	}
}

// units adds the links with which systemd starts services.
func (b *builder) units() {
	b.at(25 * time.Minute)
	for _, name := range Enabled(b.p) {
		target := "multi-user.target"
		if strings.HasSuffix(name, ".timer") {
			target = "timers.target"
		}
		b.link("/etc/systemd/system/"+target+".wants/"+name, "/lib/systemd/system/"+name)
	}
	b.link("/etc/systemd/system/sshd.service", "/lib/systemd/system/ssh.service")
	b.link("/etc/systemd/system/getty.target.wants/getty@tty1.service", "/lib/systemd/system/getty@.service")
	b.link("/usr/lib/systemd/system/default.target", "graphical.target")
	for _, name := range []string{"system", "journald", "logind", "timesyncd", "resolved"} {
		b.text("/etc/systemd/"+name+".conf", "["+map[string]string{"system": "Manager", "journald": "Journal", "logind": "Login", "timesyncd": "Time", "resolved": "Resolve"}[name]+"]\n")
	}
}
