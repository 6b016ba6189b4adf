package world

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func who(t testing.TB, name, archetype string) *persona.Persona {
	t.Helper()
	p, err := persona.New(name, archetype, [persona.SeedSize]byte{3}, noon, persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func look(t testing.TB, p *persona.Persona) *vfs.View {
	t.Helper()
	return vfs.New(Tree(p, at(noon)), at(noon), vfs.Limits{}).As(vfs.Cred{})
}

func content(t testing.TB, v *vfs.View, name string) string {
	t.Helper()
	b, err := v.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryArchetypeHasItsFiles(t *testing.T) {
	common := []string{"/bin/ls", "/etc/passwd", "/etc/ssh/sshd_config", "/etc/os-release", "/proc/cpuinfo", "/var/log/auth.log", "/var/lib/dpkg/status", "/dev/null", "/sys/class/dmi/id/sys_vendor", "/root/.bashrc", "/boot/grub/grub.cfg", "/etc/localtime", "/vmlinuz", "/usr/sbin/sshd"}
	own := map[string][]string{"linux-server": {"/opt/scripts/healthcheck.sh"}, "web-server": {"/etc/nginx/nginx.conf", "/var/www/html/index.html", "/usr/sbin/nginx"}, "database-server": {"/etc/postgresql/15/main/pg_hba.conf"}}
	for _, archetype := range persona.Archetypes() {
		v := look(t, who(t, "a", archetype))
		for _, name := range append(slices.Clone(common), own[archetype]...) {
			if _, err := v.Stat(name); err != nil {
				t.Errorf("%s: %v", archetype, err)
			}
		}
	}
}

// Whoever looks for the FTP server that he came upon finds it, and nobody else does.
func TestADeckyWithFTPRunsVsftpd(t *testing.T) {
	for _, archetype := range persona.Archetypes() {
		for _, served := range [][]persona.Served{nil, {{Kind: "ssh"}}, {{Kind: "ssh"}, {Kind: "ftp", Config: map[string]any{"anonymous_enable": true}}}} {
			p, err := persona.New("a", archetype, [persona.SeedSize]byte{3}, noon, persona.Given{Services: served})
			if err != nil {
				t.Fatal(err)
			}
			v := look(t, p)
			want := len(served) == 2
			for what, is := range map[string]bool{
				"its package":    slices.ContainsFunc(Packages(p), func(k Package) bool { return k.Name == "vsftpd" }),
				"dpkg's record":  strings.Contains(content(t, v, "/var/lib/dpkg/status"), "Package: vsftpd\n"),
				"its process":    slices.ContainsFunc(Processes(p, noon), func(d Process) bool { return d.Name == "vsftpd" && d.Unit == "vsftpd.service" }),
				"its socket":     slices.Contains(Listeners(p), Listener{Port: 21, Program: "vsftpd", Address: "*"}),
				"its unit":       slices.ContainsFunc(Units(p), func(u Unit) bool { return u.Name == "vsftpd.service" }),
				"its user":       strings.Contains(content(t, v, "/etc/passwd"), ":ftp daemon,,,:/srv/ftp:/usr/sbin/nologin\n"),
				"its group":      strings.Contains(content(t, v, "/etc/group"), "\nftp:x:"),
				"its program":    there(v, "/usr/sbin/vsftpd"),
				"its settings":   there(v, "/etc/vsftpd.conf") && strings.Contains(content(t, v, "/etc/vsftpd.conf"), "anonymous_enable=YES\n"),
				"its unit file":  there(v, "/lib/systemd/system/vsftpd.service") && strings.Contains(content(t, v, "/lib/systemd/system/vsftpd.service"), "ExecStart=/usr/sbin/vsftpd /etc/vsftpd.conf\n"),
				"its public dir": there(v, "/srv/ftp"),
			} {
				if is != want {
					t.Errorf("%s with %v: %s is there: %v", archetype, served, what, is)
				}
			}
		}
	}
}

func there(v *vfs.View, name string) bool {
	_, err := v.Stat(name)
	return err == nil
}

// Nothing says that the machine is a container.
func TestNoContainerShows(t *testing.T) {
	v := look(t, who(t, "a", "linux-server"))
	for _, name := range []string{"/.dockerenv", "/run/.containerenv", "/.containerenv", "/run/systemd/container"} {
		if _, err := v.Lstat(name); err == nil {
			t.Errorf("%s is there", name)
		}
	}
	for _, name := range []string{"/proc/1/cgroup", "/proc/mounts", "/proc/1/environ", "/proc/self/mounts"} {
		for _, word := range []string{"docker", "overlay", "lxc", "containerd", "kubepods"} {
			if strings.Contains(content(t, v, name), word) {
				t.Errorf("%s says %s", name, word)
			}
		}
	}
}

// What is told in two places is told alike.
func TestNothingContradictsItself(t *testing.T) {
	for i := range 12 {
		p := who(t, fmt.Sprint("decky-", i), persona.Archetypes()[i%3])
		v := look(t, p)
		for name, want := range map[string]string{
			"/etc/hostname": p.Hostname + "\n", "/proc/sys/kernel/hostname": p.Hostname + "\n", "/etc/debian_version": p.OS.Point + "\n", "/proc/sys/kernel/osrelease": p.OS.Release + "\n",
			"/sys/class/net/" + NetworkOf(p, netip.Addr{}).Interface + "/address": p.MAC.String() + "\n",
		} {
			if got := content(t, v, name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		status := content(t, v, "/var/lib/dpkg/status")
		for _, want := range []string{"Package: linux-image-" + p.OS.Release + "\n", "Version: 12.4+deb12u" + strings.TrimPrefix(p.OS.Point, "12.") + "\n"} {
			if !strings.Contains(status, want) {
				t.Errorf("dpkg knows nothing of %q", want)
			}
		}
		for _, d := range Processes(p, noon) {
			if got := content(t, v, fmt.Sprintf("/proc/%d/comm", d.PID)); got != d.Name+"\n" {
				t.Errorf("process %d is %q in /proc and %q in the table", d.PID, got, d.Name)
			}
			if d.Exe != "" {
				if _, err := v.Stat(d.Exe); err != nil {
					t.Errorf("%s runs without its program: %v", d.Name, err)
				}
			}
		}
		if got := strings.Count(content(t, v, "/proc/cpuinfo"), "processor\t"); got != p.CPUs {
			t.Errorf("%d processors in /proc, %d in the persona", got, p.CPUs)
		}
		virt := HardwareOf(p).Vendor
		if got := content(t, v, "/sys/class/dmi/id/sys_vendor"); got != virt+"\n" {
			t.Errorf("firmware of %q", got)
		}
	}
}

func TestAllLoginsOfWtmpAreInAuthLog(t *testing.T) {
	p := who(t, "a", "linux-server")
	v := look(t, p)
	logins, log := Logins([]byte(content(t, v, "/var/log/wtmp"))), content(t, v, "/var/log/auth.log")+content(t, v, "/var/log/auth.log.1")
	people := 0
	for i, l := range logins {
		if i > 0 && l.At.Before(logins[i-1].At.Add(-13*time.Second)) {
			t.Errorf("record %d is older than the one before it", i)
		}
		if l.At.After(noon) || l.At.Before(p.Installed) {
			t.Errorf("a login at %v", l.At)
		}
		if l.Kind == userProcess && l.At.After(noon.AddDate(0, 0, -6)) {
			people++
			if !strings.Contains(log, fmt.Sprintf("sshd[%d]: Accepted publickey for %s from %s", l.PID, l.User, l.Host)) {
				t.Errorf("nothing in auth.log of %+v", l)
			}
		}
	}
	if people == 0 {
		t.Error("nobody logged in for a week")
	}
}

func TestLogsAreInOrderAndEndNow(t *testing.T) {
	v := look(t, who(t, "a", "web-server"))
	for _, name := range []string{"auth.log", "syslog", "cron.log"} {
		var last time.Time
		for line := range strings.Lines(content(t, v, "/var/log/"+name)) {
			stamp, _, _ := strings.Cut(line, " ")
			at, err := time.Parse("2006-01-02T15:04:05.000000-07:00", stamp)
			if err != nil || at.Before(last) || at.After(noon) {
				t.Fatalf("%s: %q after %v, error %v", name, line, last, err)
			}
			last = at
		}
		if noon.Sub(last) > 2*time.Hour {
			t.Errorf("%s ends at %v", name, last)
		}
	}
}

// What stat says is what a reader gets, except below /proc, where it is 0, and
// /sys, where it is a page.
func TestSizesAreTrue(t *testing.T) {
	v := look(t, who(t, "a", "database-server"))
	files := 0
	err := v.Walk("/", func(name string, i vfs.Info, err error) error {
		if err != nil || !i.Mode.IsRegular() || strings.HasPrefix(name, "/proc/") || strings.HasPrefix(name, "/sys/") || i.Size > 1<<20 {
			return err
		}
		files++
		if b, err := v.ReadFile(name); err != nil || int64(len(b)) != i.Size && !strings.HasPrefix(name, "/boot/") {
			t.Errorf("%s has %d bytes, stat says %d, error %v", name, len(b), i.Size, err)
		}
		if i.Mtime.After(noon) {
			t.Errorf("%s is of %v", name, i.Mtime)
		}
		return nil
	})
	if err != nil || files < 800 {
		t.Errorf("%d files, error %v", files, err)
	}
}

// No two deckies are alike, and each is the same again.
func TestTreesDiffer(t *testing.T) {
	sum := func(v *vfs.View) string {
		var out bytes.Buffer
		for _, name := range []string{"/etc/shadow", "/etc/machine-id", "/etc/fstab", "/etc/hosts", "/root/.bash_history", "/etc/ssh/ssh_host_rsa_key"} {
			out.WriteString(content(t, v, name) + "\x00")
		}
		return out.String()
	}
	seen := map[string]bool{}
	for i := range 20 {
		seen[sum(look(t, who(t, fmt.Sprint("d", i), "linux-server")))] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 deckies have files of their own", len(seen))
	}
	if p := who(t, "d1", "linux-server"); sum(look(t, p)) != sum(look(t, p)) {
		t.Error("a decky's files change by themselves")
	}
}

func TestATreeIsSmall(t *testing.T) {
	p := who(t, "a", "web-server")
	Tree(p, at(noon)) // the table of packages is read once for all
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tree := Tree(p, at(noon))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 1<<20 {
		t.Errorf("a tree of %d files holds %d KiB", tree.Len(), used>>10)
	}
	runtime.KeepAlive(tree)
}

func TestTheNetworkIsWhereTheClientIs(t *testing.T) {
	p := who(t, "a", "linux-server")
	local := netip.MustParseAddr("198.51.100.7")
	n := NetworkOf(p, local)
	if n.Address.Addr() != local || !n.Address.Contains(n.Gateway) || n.Gateway == local {
		t.Errorf("%+v", n)
	}
	if n := NetworkOf(p, netip.Addr{}); !n.Address.Addr().IsPrivate() || !n.Address.Contains(n.Gateway) || n.Gateway == n.Address.Addr() {
		t.Errorf("%+v", n)
	}
	v := vfs.New(TreeAt(p, at(noon), local), at(noon), vfs.Limits{}).As(vfs.Cred{})
	if got := content(t, v, "/var/lib/dhcp/dhclient."+n.Interface+".leases"); !strings.Contains(got, "fixed-address 198.51.100.7;") {
		t.Errorf("the lease is for another: %s", got)
	}
}

func TestOwnersAndModes(t *testing.T) {
	p := who(t, "a", "linux-server")
	v := look(t, p)
	for name, want := range map[string]fs.FileMode{"/etc/shadow": 0o640, "/tmp": fs.ModeDir | fs.ModeSticky | 0o777, "/usr/bin/sudo": fs.ModeSetuid | 0o755, "/root": fs.ModeDir | 0o700, "/etc/ssh/ssh_host_rsa_key": 0o600, "/dev/null": fs.ModeDevice | fs.ModeCharDevice | 0o666} {
		if i, err := v.Stat(name); err != nil || i.Mode != want {
			t.Errorf("%s is %v, want %v, error %v", name, i.Mode, want, err)
		}
	}
	home, err := v.Stat("/home/" + p.Users[0].Name)
	if err != nil || home.UID != p.Users[0].UID {
		t.Errorf("%+v, error %v", home, err)
	}
	if err := v.WriteFile("/proc/version", nil, 0o644); err == nil {
		t.Error("/proc can be written")
	}
}

// Two machines have other numbers of files, and none that their disks do not have. The
// root's is that of any ext4.
func TestNumbersOfFilesAreTheMachinesOwn(t *testing.T) {
	seen := map[uint64]string{}
	for _, decky := range []string{"decky-1", "decky-2", "decky-3"} {
		p, err := persona.New(decky, "web-server", [persona.SeedSize]byte{7}, time.Now(), persona.Given{})
		if err != nil {
			t.Fatal(err)
		}
		v := vfs.New(Tree(p, time.Now), time.Now, vfs.Limits{}).As(vfs.Cred{})
		if err := v.WriteFile("/tmp/new", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if i, err := v.Stat("/"); err != nil || i.Ino != 2 {
			t.Errorf("%s: the root has the number %d, %v", decky, i.Ino, err)
		}
		for _, name := range []string{"/etc/passwd", "/tmp/new"} {
			i, err := v.Stat(name)
			if other := seen[i.Ino]; err != nil || other != "" || i.Ino >= p.Disk/16384 || i.Ino < 11 {
				t.Errorf("%s: %s has the number %d, as %s; the disk has %d; %v", decky, name, i.Ino, other, p.Disk/16384, err)
			}
			seen[i.Ino] = decky + name
		}
	}
}
