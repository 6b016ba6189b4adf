package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Debian's sftp and scp, in both of its modes, bring files in and out.
func TestFilesComeAndGo(t *testing.T) {
	m := newTiny(t)
	d := decky(t, m, quick(nil))
	c := newClient(t, d.Address)
	local := filepath.Join(c.dir, "tool")
	text := strings.Repeat("#!/bin/sh\necho run\n", 20_000)
	if err := os.WriteFile(local, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]string{"scp by SFTP": "-s", "scp by rcp": "-O"} {
		t.Run(name, func(t *testing.T) {
			remote := "root@" + c.host + ":/tmp/in" + mode
			if a := c.run("scp", "", mode, "-p", local, remote); a.status != 0 {
				t.Fatalf("%+v", a)
			}
			back := filepath.Join(c.dir, "back"+mode)
			if a := c.run("scp", "", mode, "-p", remote, back); a.status != 0 {
				t.Fatalf("%+v", a)
			}
			got, err := os.ReadFile(back)
			info, statErr := os.Stat(back)
			if err != nil || statErr != nil || string(got) != text || info.Mode().Perm() != 0o755 {
				t.Errorf("%d bytes of %d come back, mode %v, errors %v, %v", len(got), len(text), info.Mode(), err, statErr)
			}
			tree := filepath.Join(c.dir, "tree"+mode)
			if a := c.run("scp", "", mode, "-r", "root@"+c.host+":deep", tree); a.status != 0 {
				t.Fatalf("%+v", a)
			}
			if got, err := os.ReadFile(tree + "/a/b.sh"); err != nil || string(got) != "#!/bin/sh\nexit 0\n" {
				t.Errorf("%q, error %v", got, err)
			}
			if a := c.run("scp", "", mode, "-r", tree, "root@"+c.host+":/tmp/tree"+mode); a.status != 0 {
				t.Errorf("%+v", a)
			}
			if _, err := m.fs.As(vfs.Cred{}).Stat("/tmp/tree" + mode + "/a/b.sh"); err != nil {
				t.Error(err)
			}
			if a := c.run("scp", "", mode, local, "root@"+c.host+":/no/such/place"); a.status == 0 || !strings.Contains(a.log, "No such file or directory") && !strings.Contains(a.log, "dest open") {
				t.Errorf("into nowhere: %+v", a)
			}
		})
	}
	kept := map[string]string{}
	for _, o := range d.Sink.Of(service.Upload) {
		kept[o.Artifact.Path] = string(o.Artifact.Data)
	}
	if kept["/tmp/in-s"] != text || kept["/tmp/in-O"] != text || len(kept) != 4 {
		t.Errorf("%d artifacts are kept", len(kept))
	}
	if got := d.Sink.Of(service.Download); len(got) != 4 || servicetest.Field(got[0], "path") == "" {
		t.Errorf("downloads %+v", got)
	}
}

const sftpScript = `pwd
ls -la /root
ls -n
ls -l deep/a
mkdir new
-mkdir new
put FILE new/f
ls -l new
chmod 600 new/f
rename new/f new/g
-rename new/nothing new/h
ln -s g new/s
ln new/g new/hard
-get nothing
-rm new
-rmdir new
-cd /root/notes.txt
-ls /nowhere
cp new/g new/copied
df /tmp
rm new/g new/s new/hard new/copied
rmdir new
`

// An interactive client's commands.
func TestSFTPCommands(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	c := newClient(t, d.Address)
	file := filepath.Join(c.dir, "file")
	if err := os.WriteFile(file, []byte("some text\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := c.run("sftp", strings.ReplaceAll(sftpScript, "FILE", file), "root@"+c.host)
	for _, want := range []string{
		"Remote working directory: /root", "-rw-------", "notes.txt", "drwx------", `remote mkdir "/root/new": Failure`,
		`remote rename "/root/new/nothing" to "/root/new/h": No such file or directory`, `File "/root/nothing" not found.`,
		`remote delete /root/new: Failure`, `remote rmdir "/root/new": Failure`, `Can't ls: "/nowhere" not found`,
	} {
		if !strings.Contains(a.out+a.log, want) {
			t.Errorf("no %q in\n%s%s", want, a.out, a.log)
		}
	}
	if a.status != 0 {
		t.Errorf("status %d", a.status)
	}
}
