//go:build servers

package deploy

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// sandbox is what the unit allows of the kernel, as a filter (seccomp(2)).
type sandbox struct{ calls, families []int }

// unitOf reads the sandbox of the unit, with systemd's own sets of system calls.
func unitOf(t *testing.T) (s sandbox) {
	t.Helper()
	unit := read(t, "systemd/cordon.service")
	known := map[string]int{"AF_UNIX": unix.AF_UNIX, "AF_INET": unix.AF_INET, "AF_INET6": unix.AF_INET6, "AF_NETLINK": unix.AF_NETLINK}
	for _, name := range strings.Fields(regexp.MustCompile(`(?m)^RestrictAddressFamilies=(.*)$`).FindStringSubmatch(unit)[1]) {
		family, ok := known[name]
		if !ok {
			t.Fatalf("the unit names %s, which this test does not know", name)
		}
		s.families = append(s.families, family)
	}
	numbers := callNumbers(t)
	allowed := map[string]bool{}
	add(t, allowed, "@default", true)
	for _, m := range regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllStringSubmatch(unit, -1) {
		for _, set := range strings.Fields(m[2]) {
			add(t, allowed, set, m[1] == "")
		}
	}
	for name, yes := range allowed {
		if number, here := numbers[name]; yes && here {
			s.calls = append(s.calls, number)
		}
	}
	if len(s.calls) < 200 || len(s.families) < 3 {
		t.Fatalf("%d calls and %d families are allowed: the unit was not understood", len(s.calls), len(s.families))
	}
	return s
}

// callNumbers are the numbers of this machine's system calls, by name.
func callNumbers(t *testing.T) map[string]int {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(strings.TrimSpace(string(dir)), "unix", "zsysnum_linux_"+runtime.GOARCH+".go"))
	numbers := map[string]int{}
	for _, m := range regexp.MustCompile(`SYS_(\w+)\s+= (\d+)`).FindAllStringSubmatch(text, -1) {
		numbers[strings.ToLower(m[1])], _ = strconv.Atoi(m[2])
	}
	return numbers
}

// add marks the system calls of a set, and of the sets in it, as allowed or not.
func add(t *testing.T, calls map[string]bool, set string, allow bool) {
	t.Helper()
	out, err := exec.Command(testdebian.Program(t, "systemd", "systemd-analyze"), "syscall-filter", set).Output()
	if err != nil {
		t.Fatalf("%s: %v", set, err)
	}
	for line := range strings.Lines(string(out)) {
		switch name := strings.TrimSpace(line); {
		case name == "" || name[0] == '#' || name == set:
		case name[0] == '@':
			add(t, calls, name, allow)
		default:
			calls[name] = allow
		}
	}
}

// enter puts this process into the sandbox; there is no way back.
func (s sandbox) enter() error {
	const number, argument = 0, 16 // offsets in struct seccomp_data
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	give := func(what uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what} }
	unless := func(k int, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: skip, K: uint32(k)}
	}
	allow, refuse := give(unix.SECCOMP_RET_ALLOW), func(e syscall.Errno) unix.SockFilter { return give(unix.SECCOMP_RET_ERRNO | uint32(e)) }
	program := []unix.SockFilter{load(number), unless(unix.SYS_SOCKET, uint8(2*len(s.families)+2)), load(argument)}
	for _, f := range s.families {
		program = append(program, unless(f, 1), allow)
	}
	program = append(program, refuse(unix.EAFNOSUPPORT))
	for _, c := range s.calls {
		program = append(program, unless(c, 1), allow)
	}
	program = append(program, refuse(unix.EPERM))
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})), 0, 0)
}

// sandboxed names what this process, started anew, becomes in the sandbox.
const sandboxed = "CORDON_TEST_SANDBOXED"

// The program starts in the sandbox of its unit, looks at the machine's addresses and at
// who is connected to it, and is healthy.
func TestItStartsInTheSandboxOfItsUnit(t *testing.T) {
	if program := os.Getenv(sandboxed); program != "" {
		runtime.LockOSThread() // the filter is the thread's, and exec keeps it
		s := unitOf(t)
		t.Fatal(s.enter(), syscall.Exec(program, []string{"cordon", "serve", "--data", os.Getenv("DATA")}, os.Environ()))
	}
	dir, address := t.TempDir(), testport.Addr(t)
	buildCordon(t, dir)
	var out bytes.Buffer
	server := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	server.Env = slices.Concat(os.Environ(), []string{sandboxed + "=" + filepath.Join(dir, "cordon"), "DATA=" + filepath.Join(dir, "data"),
		"CORDON_API_LISTEN=" + address, fmt.Sprint("CORDON_EGRESS_LISTEN=", testport.Addr(t))})
	server.Stdout, server.Stderr = &out, &out
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	for !answers("http://" + address + "/readyz") {
		select {
		case err := <-ended:
			t.Fatalf("it does not start: %v\n%s", err, out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	said, err := exec.Command(filepath.Join(dir, "cordon"), "doctor", "--data", filepath.Join(dir, "data")).CombinedOutput()
	if err != nil {
		t.Errorf("the doctor: %v\n%s", err, said)
	}
	_ = server.Process.Signal(os.Interrupt)
	if err := <-ended; err != nil {
		t.Errorf("it ends with %v\n%s", err, out.String())
	}
}
