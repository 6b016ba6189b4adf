package world

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Process runs on the machine since it was started. A kernel thread has no Exe.
type Process struct {
	PID, PPID int
	User      string
	UID       int
	Name      string // as in /proc/PID/comm
	Args      string // its command line
	Exe       string
	TTY       string // ? of a daemon
	State     string // as ps prints it
	Started   time.Time
	CPU       time.Duration // used by now
	Virtual   int           // KiB
	Resident  int           // KiB
	Unit      string        // of systemd
}

// Processes returns what runs on a persona's machine besides its visitors.
func Processes(p *persona.Persona, now time.Time) []Process {
	t := &processTable{p: p, now: now, next: 2}
	t.daemon(Process{PID: 1, Name: "systemd", Args: "/sbin/init", Exe: "/usr/lib/systemd/systemd", State: "Ss", Virtual: 102_400, Resident: 12_400, Unit: "init.scope"}, 0)
	t.kernel()
	t.system()
	t.services()
	return t.all
}

type processTable struct {
	p    *persona.Persona
	now  time.Time
	next int
	all  []Process
}

// daemon adds a process; without a number it gets the next free one.
func (t *processTable) daemon(d Process, after time.Duration) int {
	r := t.p.Rand(fmt.Sprintf("world: process %s %d", d.Args, len(t.all)))
	if d.PID == 0 {
		d.PID = t.next
		t.next += 1 + r.IntN(4)
	}
	if d.User == "" {
		d.User = "root"
	}
	if d.TTY == "" {
		d.TTY = "?"
	}
	if d.PPID == 0 && d.PID > 2 {
		d.PPID = 1
	}
	d.Started = t.p.Booted.Add(after)
	d.Resident += r.IntN(max(d.Resident/12, 1)) &^ 3
	d.Virtual += r.IntN(max(d.Virtual/40, 1)) &^ 3
	d.CPU = time.Duration(float64(t.now.Sub(t.p.Booted)) * float64(d.Resident) * (0.2 + r.Float64()) / 2e8)
	t.all = append(t.all, d)
	return d.PID
}

func (t *processTable) thread(name, state string) {
	pid := t.next
	t.next++
	d := Process{PID: pid, PPID: 2, User: "root", Name: name, Args: "[" + name + "]", TTY: "?", State: state, Started: t.p.Booted}
	if pid == 2 {
		d.PPID = 0
	}
	if strings.HasPrefix(name, "rcu_pre") || strings.HasPrefix(name, "ksoft") || strings.HasPrefix(name, "jbd2") || strings.HasPrefix(name, "kcompact") {
		d.CPU = t.now.Sub(t.p.Booted) / 60_000
	}
	t.all = append(t.all, d)
}

// kernel adds the kernel's threads in the order in which 6.1 starts them.
func (t *processTable) kernel() {
	for _, f := range strings.Fields("kthreadd:S rcu_gp:I< rcu_par_gp:I< slub_flushwq:I< netns:I<") {
		name, state, _ := strings.Cut(f, ":")
		t.thread(name, state)
	}
	t.next++
	t.thread("kworker/0:0H-events_highpri", "I<")
	t.next++
	for _, f := range strings.Fields("mm_percpu_wq:I< rcu_tasks_kthread:I rcu_tasks_rude_kthread:I rcu_tasks_trace_kthread:I ksoftirqd/0:S rcu_preempt:I migration/0:S") {
		name, state, _ := strings.Cut(f, ":")
		t.thread(name, state)
	}
	t.next++
	t.thread("cpuhp/0", "S")
	for i := 1; i < t.p.CPUs; i++ {
		for _, name := range []string{"cpuhp/%d", "migration/%d", "ksoftirqd/%d"} {
			t.thread(fmt.Sprintf(name, i), "S")
		}
		t.next++
		t.thread(fmt.Sprintf("kworker/%d:0H-events_highpri", i), "I<")
	}
	for _, f := range strings.Fields("kdevtmpfs:S inet_frag_wq:I< kauditd:S khungtaskd:S oom_reaper:S writeback:I< kcompactd0:S ksmd:SN khugepaged:SN kintegrityd:I< kblockd:I< blkcg_punt_bio:I< tpm_dev_wq:I< edac-poller:I< devfreq_wq:I< kworker/0:1H-kblockd:I< kswapd0:S kthrotld:I< acpi_thermal_pm:I< mld:I< ipv6_addrconf:I< kstrp:I< zswap-shrink:I< kworker/u5:0:I< ata_sff:I< scsi_eh_0:S scsi_tmf_0:I< scsi_eh_1:S scsi_tmf_1:I<") {
		name, state, _ := strings.Cut(f, ":")
		t.thread(name, state)
	}
	disk := HardwareOf(t.p).Disk
	t.next += 40
	t.thread("jbd2/"+disk+"1-8", "S")
	t.thread("ext4-rsv-conver", "I<")
}

func (t *processTable) system() {
	t.next += 30 + t.p.Rand("world: first pid").IntN(20)
	t.daemon(Process{Name: "systemd-journal", Args: "/lib/systemd/systemd-journald", Exe: "/usr/lib/systemd/systemd-journald", State: "Ss", Virtual: 49_300, Resident: 15_800, Unit: "systemd-journald.service"}, 3*time.Second)
	t.daemon(Process{Name: "systemd-udevd", Args: "/lib/systemd/systemd-udevd", Exe: "/usr/bin/udevadm", State: "Ss", Virtual: 26_100, Resident: 6_200, Unit: "systemd-udevd.service"}, 3*time.Second)
	t.next += 90
	t.daemon(Process{Name: "systemd-timesyn", Args: "/lib/systemd/systemd-timesyncd", Exe: "/usr/lib/systemd/systemd-timesyncd", User: "systemd-timesync", UID: 997, State: "Ssl", Virtual: 90_100, Resident: 6_600, Unit: "systemd-timesyncd.service"}, 5*time.Second)
	t.next += 60
	net := HardwareOf(t.p).Interface
	t.daemon(Process{Name: "dhclient", Args: "dhclient -4 -v -i -pf /run/dhclient." + net + ".pid -lf /var/lib/dhcp/dhclient." + net + ".leases -I -df /var/lib/dhcp/dhclient6." + net + ".leases " + net, Exe: "/usr/sbin/dhclient", State: "Ss", Virtual: 5_870, Resident: 3_700, Unit: "ifup@" + net + ".service"}, 6*time.Second)
	t.daemon(Process{Name: "cron", Args: "/usr/sbin/cron -f", Exe: "/usr/sbin/cron", State: "Ss", Virtual: 6_608, Resident: 2_660, Unit: "cron.service"}, 8*time.Second)
	t.daemon(Process{Name: "dbus-daemon", Args: "/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only", Exe: "/usr/bin/dbus-daemon", User: "messagebus", UID: 100, State: "Ss", Virtual: 9_120, Resident: 4_700, Unit: "dbus.service"}, 8*time.Second)
	if HardwareOf(t.p).Virt == "kvm" {
		t.daemon(Process{Name: "qemu-ga", Args: "/usr/sbin/qemu-ga", Exe: "/usr/sbin/qemu-ga", State: "Ssl", Virtual: 81_400, Resident: 4_300, Unit: "qemu-guest-agent.service"}, 8*time.Second)
	}
	t.daemon(Process{Name: "rsyslogd", Args: "/usr/sbin/rsyslogd -n -iNONE", Exe: "/usr/sbin/rsyslogd", State: "Ssl", Virtual: 221_740, Resident: 6_100, Unit: "rsyslog.service"}, 8*time.Second)
	t.daemon(Process{Name: "systemd-logind", Args: "/lib/systemd/systemd-logind", Exe: "/usr/lib/systemd/systemd-logind", State: "Ss", Virtual: 49_600, Resident: 7_600, Unit: "systemd-logind.service"}, 8*time.Second)
	t.daemon(Process{Name: "agetty", Args: "/sbin/agetty -o -p -- \\u --noclear - linux", Exe: "/usr/sbin/agetty", State: "Ss+", TTY: "tty1", Virtual: 5_872, Resident: 1_040, Unit: "getty@tty1.service"}, 9*time.Second)
}

func (t *processTable) services() {
	t.daemon(Process{Name: "sshd", Args: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", Exe: "/usr/sbin/sshd", State: "Ss", Virtual: 15_440, Resident: 9_200, Unit: "ssh.service"}, 10*time.Second)
	if _, ok := t.p.Serves("ftp"); ok {
		t.daemon(Process{Name: "vsftpd", Args: "/usr/sbin/vsftpd /etc/vsftpd.conf", Exe: "/usr/sbin/vsftpd", State: "Ss", Virtual: 10_180, Resident: 3_060, Unit: "vsftpd.service"}, 10*time.Second)
	}
	switch t.p.Archetype {
	case "web-server":
		master := t.daemon(Process{Name: "nginx", Args: "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;", Exe: "/usr/sbin/nginx", State: "Ss", Virtual: 10_360, Resident: 1_700, Unit: "nginx.service"}, 10*time.Second)
		for range t.p.CPUs {
			t.daemon(Process{PPID: master, Name: "nginx", Args: "nginx: worker process", Exe: "/usr/sbin/nginx", User: "www-data", UID: 33, State: "S", Virtual: 11_900, Resident: 5_200, Unit: "nginx.service"}, 10*time.Second)
		}
	case "database-server":
		const exe, unit = "/usr/lib/postgresql/15/bin/postgres", "postgresql@15-main.service"
		master := t.daemon(Process{Name: "postgres", Args: exe + " -D /var/lib/postgresql/15/main -c config_file=/etc/postgresql/15/main/postgresql.conf", Exe: exe, User: "postgres", UID: 102, State: "Ss", Virtual: 217_300, Resident: 30_100, Unit: unit}, 12*time.Second)
		for _, job := range []string{"checkpointer", "background writer", "walwriter", "autovacuum launcher", "logical replication launcher"} {
			t.daemon(Process{PPID: master, Name: "postgres", Args: "postgres: 15/main: " + job + " ", Exe: exe, User: "postgres", UID: 102, State: "Ss", Virtual: 217_500, Resident: 8_400, Unit: unit}, 12*time.Second)
		}
	}
}

// Ticks is a time on the CPU in the kernel's unit, a hundredth of a second.
func (d Process) ticks() int64 { return int64(d.CPU / (10 * time.Millisecond)) }

// processes adds the folders of /proc that belong to processes.
func (b *builder) processes() {
	b.day = b.born
	for _, d := range Processes(b.p, b.now()) {
		dir := fmt.Sprintf("/proc/%d", d.PID)
		own := func(name string, mode fs.FileMode, content func() string) {
			b.add(dir+"/"+name, vfs.Node{Mode: mode, UID: d.UID, GID: d.UID, Make: func() []byte { return []byte(content()) }})
		}
		b.add(dir, vfs.Node{Mode: fs.ModeDir | 0o555, UID: d.UID, GID: d.UID})
		own("comm", 0o644, func() string { return d.Name + "\n" })
		own("cmdline", 0o444, func() string { return d.commandLine() })
		own("status", 0o444, func() string { return d.status() })
		own("stat", 0o444, func() string { return d.stat(b.p.Booted) })
		own("cgroup", 0o444, func() string { return d.cgroup() })
		if d.Exe != "" {
			b.link(dir+"/exe", d.Exe)
			b.link(dir+"/cwd", "/")
			b.link(dir+"/root", "/")
			own("environ", 0o400, func() string { return "LANG=en_US.UTF-8\x00PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin\x00" })
			b.add(dir+"/fd", vfs.Node{Mode: fs.ModeDir | 0o500, UID: d.UID, GID: d.UID})
		}
	}
}

func (d Process) commandLine() string {
	switch {
	case d.Exe == "":
		return ""
	case strings.Contains(d.Args, ": "): // a title that the process wrote itself
		return d.Args
	}
	return strings.ReplaceAll(d.Args, " ", "\x00") + "\x00"
}

func (d Process) cgroup() string {
	switch {
	case d.Exe == "":
		return "0::/\n"
	case d.PID == 1:
		return "0::/init.scope\n"
	case strings.Contains(d.Unit, "@"):
		slice, _, _ := strings.Cut(d.Unit, "@")
		return "0::/system.slice/system-" + slice + ".slice/" + d.Unit + "\n"
	}
	return "0::/system.slice/" + d.Unit + "\n"
}

func (d Process) status() string {
	state := map[byte]string{'S': "S (sleeping)", 'I': "I (idle)", 'R': "R (running)"}[d.State[0]]
	head := fmt.Sprintf("Name:\t%s\nUmask:\t0022\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\nUid:\t%[6]d\t%[6]d\t%[6]d\t%[6]d\nGid:\t%[6]d\t%[6]d\t%[6]d\t%[6]d\nFDSize:\t64\nGroups:\t \n",
		d.Name, state, d.PID, d.PID, d.PPID, d.UID)
	if d.Exe != "" {
		head += fmt.Sprintf("VmPeak:\t%8d kB\nVmSize:\t%8d kB\nVmRSS:\t%8d kB\n", d.Virtual, d.Virtual, d.Resident)
	}
	return head + "Threads:\t1\nNoNewPrivs:\t0\nSeccomp:\t0\n"
}

func (d Process) stat(booted time.Time) string {
	return fmt.Sprintf("%d (%s) %c %d %d %d 0 -1 4194560 0 0 0 0 %d %d 0 0 20 0 1 0 %d %d %d 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		d.PID, d.Name, d.State[0], d.PPID, d.PID, d.PID, d.ticks()*2/3, d.ticks()/3, int64(d.Started.Sub(booted)/(10*time.Millisecond))+30, d.Virtual*1024, d.Resident/4)
}
