package deploy

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// image is the last stage of the Dockerfile as a folder: what it copies, who owns it,
// and nothing else.
type image struct {
	root string
	user int
	env  []string
	out  *bytes.Buffer
}

// newImage lays out what the Dockerfile says. As in an image, only what --chown names
// belongs to the user.
func newImage(t *testing.T) image {
	t.Helper()
	text := read(t, "docker/Dockerfile")
	last := text[strings.LastIndex(text, "\nFROM "):]
	m := image{root: t.TempDir(), out: &bytes.Buffer{}}
	var err error
	if m.user, err = strconv.Atoi(regexp.MustCompile(`(?m)^USER (\d+)`).FindStringSubmatch(last)[1]); err != nil {
		t.Fatal(err)
	}
	m.env = strings.Fields(regexp.MustCompile(`(?m)^ENV (.*)$`).FindStringSubmatch(last)[1])
	for _, folder := range regexp.MustCompile(`(?m)^COPY .*--chown=\d+:\d+ \S+ /(\S+)$`).FindAllStringSubmatch(last, -1) {
		m.own(t, filepath.Join(m.root, folder[1]))
	}
	if err := os.Chmod(filepath.Join(m.root, "var", "lib"), 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(m.root, "var", "lib"), 0o755) })
	buildCordon(t, m.root)
	return m
}

func (m image) own(t *testing.T, dir string) {
	t.Helper()
	err := os.MkdirAll(dir, 0o755)
	if err == nil && os.Getuid() == 0 {
		err = os.Chown(dir, m.user, m.user)
	}
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// command is a program of the image as a container runs it: below its root, as its user,
// with its environment only.
func (m image) command(args ...string) *exec.Cmd {
	cmd := exec.Command("/cordon", args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = m.env, "/", m.out, m.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: m.root, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(m.user), Gid: uint32(m.user)}
		return cmd
	}
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: m.user, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: m.user, HostID: os.Getgid(), Size: 1}}
	return cmd
}

// The image starts without a configuration, as docker run starts it, and is healthy.
func TestTheImageStarts(t *testing.T) {
	m := newImage(t)
	address := testport.Addr(t)
	m.env = append(m.env, "CORDON_API_LISTEN="+address)
	server := m.command("serve")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		if err := <-ended; err != nil {
			t.Errorf("it ends with %v", err)
		}
	})
	for !answers("http://" + address + "/readyz") {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("it does not start: %v\n%s", err, m.out)
		case <-time.After(20 * time.Millisecond):
		}
	}
	m.out = &bytes.Buffer{}
	for _, args := range [][]string{{"doctor"}, {"demo"}} { // the first is its HEALTHCHECK
		if err := m.command(args...).Run(); err != nil {
			t.Errorf("cordon %v: %v\n%s", args, err, m.out)
		}
	}
}

func answers(url string) bool {
	r, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}
