package scp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/testdebian"
)

// copies are arguments of the far side and what a client sends it.
func copies() map[string]struct{ args, in string } {
	return map[string]struct{ args, in string }{
		"a file into a folder":       {"-t .", "C0644 5 f.txt\nhello\x00"},
		"a file under a name":        {"-t named", "C0600 5 f.txt\nhello\x00"},
		"over another":               {"-t a.txt", "C0600 2 f.txt\nhi\x00"},
		"with times":                 {"-p -t .", "T1700000000 0 1700000001 0\nC0640 2 f\nhi\x00"},
		"a tree":                     {"-r -t .", "D0755 0 d\nC0644 1 f\nx\x00D0700 0 e\nE\nE\n"},
		"a tree, not wanted":         {"-t .", "D0755 0 d\n"},
		"two files":                  {"-t .", "C0644 1 f\nx\x00C0644 1 g\ny\x00"},
		"into nothing":               {"-t missing/x", "C0644 1 f\nx\x00"},
		"where a folder must be":     {"-d -t a.txt", ""},
		"where one must be, but not": {"-d -t missing", ""},
		"over a folder":              {"-t .", "C0644 1 sub\nx\x00"},
		"a folder over a file":       {"-r -t .", "D0755 0 a.txt\n"},
		"an empty line":              {"-t .", "\n"},
		"no record":                  {"-t .", "hello\n"},
		"no record, later":           {"-t .", "T1 0 1 0\nhello\n"},
		"a bad mode":                 {"-t .", "C9999 1 f\n"},
		"a short mode":               {"-t .", "C06 1 f\n"},
		"a long mode":                {"-t .", "C06444 1 f\n"},
		"no size":                    {"-t .", "C0644 x f\n"},
		"a size and no more":         {"-t .", "C0644 12\n"},
		"a path for a name":          {"-t .", "C0644 1 ../f\n"},
		"no name":                    {"-t .", "C0644 1 \n"},
		"two dots":                   {"-r -t .", "D0755 0 ..\n"},
		"bad times":                  {"-t .", "Tx 0 1 0\n"},
		"half the times":             {"-t .", "T1 0\n"},
		"the client gives up":        {"-t .", "\x02enough\n"},
		"the client warns":           {"-t .", "\x01oh\nC0644 1 f\nx\x00"},
		"cut short":                  {"-t .", "C0644 500 f\nhello"},
		"two targets":                {"-t a b", ""},
		"out":                        {"-f a.txt", "\x00\x00\x00\x00"},
		"out with times":             {"-p -f a.txt", "\x00\x00\x00\x00\x00"},
		"out, two":                   {"-f a.txt sub/inner", strings.Repeat("\x00", 9)},
		"out, a tree":                {"-r -f sub", strings.Repeat("\x00", 20)},
		"out, a tree with times":     {"-rp -f sub", strings.Repeat("\x00", 20)},
		"out, a folder":              {"-f sub", "\x00\x00"},
		"out, nothing there":         {"-f missing", "\x00\x00"},
		"out, nothing and something": {"-f missing a.txt", strings.Repeat("\x00", 5)},
		"out, a link":                {"-f link", "\x00\x00\x00"},
		"out, refused":               {"-f a.txt", "\x00\x01no\n"},
		"out, and gone":              {"-f a.txt", "\x00"},
		"out, not even begun":        {"-f a.txt", ""},
	}
}

// Debian's scp and ours say the same to a client, byte by byte, and end alike.
func TestItAnswersAsSCPDoes(t *testing.T) {
	scp := testdebian.Program(t, "openssh-client", "scp")
	for name, tt := range copies() {
		t.Run(name, func(t *testing.T) {
			want := realCopy(t, scp, tt.args, tt.in)
			got := ourCopy(t, tt.args, tt.in)
			if got != want {
				t.Errorf("scp %s:\n%s\nours:\n%s", tt.args, want, got)
			}
		})
	}
}

func realCopy(t *testing.T, program, args, in string) string {
	t.Helper()
	dir := t.TempDir()
	script := `umask 022; cd "$1"; printf 'some text\n' > a.txt; mkdir sub; printf x > sub/inner; ln -s a.txt link
touch -d '2025-03-01 09:30 UTC' a.txt sub/inner; touch -d '2025-03-01 09:30 UTC' sub`
	if b, err := exec.Command("bash", "-c", script, "-", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	cmd := exec.Command("bash", append([]string{"-c", `umask 022; cd "$1"; shift; exec "$@"`, "-", dir, program}, strings.Fields(args)...)...)
	cmd.Stdin = strings.NewReader(in)
	var out bytes.Buffer
	cmd.Stdout = &out
	_ = cmd.Run()
	return fmt.Sprintf("%q, status %d, %v", out.String(), cmd.ProcessState.ExitCode(), left(t, func(name string) (string, bool) {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil {
			return "", false
		}
		b, _ := os.ReadFile(filepath.Join(dir, name)) // of a folder: nothing
		return fmt.Sprintf("%s %v %q", name, info.Mode(), b), true
	}))
}

// left tells of the files that a copy may have made.
func left(t *testing.T, look func(name string) (string, bool)) (out []string) {
	t.Helper()
	for _, name := range []string{"a.txt", "f", "f.txt", "g", "named", "d", "d/f", "d/e", "sub"} {
		if s, ok := look(name); ok {
			out = append(out, s)
		}
	}
	return out
}

func files(t testing.TB) *vfs.View {
	t.Helper()
	made := time.Date(2025, 3, 1, 9, 30, 0, 0, time.UTC)
	tree := vfs.NewTree(made)
	for name, n := range map[string]vfs.Node{
		"/w": {Mode: fs.ModeDir | 0o755}, "/w/a.txt": {Mode: 0o644, Data: []byte("some text\n")},
		"/w/sub": {Mode: fs.ModeDir | 0o755}, "/w/sub/inner": {Mode: 0o644, Data: []byte("x")}, "/w/link": {Target: "a.txt"},
	} {
		n.Mtime = made
		tree.Add(name, n)
	}
	return vfs.New(tree, time.Now, vfs.Limits{}).As(vfs.Cred{}).In("/w")
}

func ourCopy(t *testing.T, args, in string) string {
	t.Helper()
	v := files(t)
	var out bytes.Buffer
	status := Far{In: strings.NewReader(in), Out: &out, Err: io.Discard, Files: v}.Run(context.Background(), strings.Fields(args))
	return fmt.Sprintf("%q, status %d, %v", out.String(), status, left(t, func(name string) (string, bool) {
		info, err := v.Lstat(name)
		if err != nil {
			return "", false
		}
		b, _ := v.ReadFile(name) // of a folder: nothing
		return fmt.Sprintf("%s %v %q", name, info.Mode, b), true
	}))
}

// A folder that leads back to itself is sent again and again, as scp does: each time
// is paid for, and what is held of folders on the way is bounded.
func TestFoldersThatLeadBackArePaidFor(t *testing.T) {
	tree := vfs.NewTree(time.Now())
	for i := range 500 {
		tree.Add(fmt.Sprint("/w/d/f", i), vfs.Node{Mode: 0o600})
	}
	tree.Add("/w/d/a", vfs.Node{Target: "."})
	tree.Add("/w/d/b", vfs.Node{Target: "."})
	look := func(pay func(int) error, hold func(int) bool) (out string, status int) {
		var b bytes.Buffer
		status = Far{
			In: strings.NewReader(strings.Repeat("\x00", 100_000)), Out: &b, Err: io.Discard, Pay: pay, Hold: hold,
			Files: vfs.New(tree, time.Now, vfs.Limits{}).As(vfs.Cred{}).In("/w"),
		}.Run(context.Background(), []string{"-r", "-f", "d"})
		return b.String(), status
	}
	budget := 5000
	if out, status := look(func(n int) error {
		if budget -= n; budget < 0 {
			return errors.New("enough")
		}
		return nil
	}, nil); status != 1 || budget > 0 || strings.Count(out, "D0") > 10 {
		t.Errorf("%d folders are sent, %d left, status %d", strings.Count(out, "D0"), budget, status)
	}
	held, most := 0, 0
	out, _ := look(nil, func(n int) bool {
		if held+n > 512<<10 {
			return false
		}
		held += n
		most = max(most, held)
		return true
	})
	if held != 0 || most < 400<<10 || !strings.Contains(out, "Cannot allocate memory") {
		t.Errorf("%d bytes are not given back, %d were held", held, most)
	}
}

func TestOnlyTheFarSideIsOurs(t *testing.T) {
	for args, want := range map[string]bool{"-t x": true, "-rp -f -- -x": true, "-v -r -d -t .": true, "a b:c": false, "-i key -t x": false} {
		if Is(strings.Fields(args)) != want {
			t.Errorf("%s: want %t", args, want)
		}
	}
	if status := (Far{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Files: files(t)}).Run(context.Background(), []string{"a", "b"}); status != 1 {
		t.Errorf("status %d", status)
	}
}

func FuzzRun(f *testing.F) {
	for _, c := range copies() {
		f.Add(c.args, []byte(c.in))
	}
	f.Fuzz(func(t *testing.T, args string, in []byte) {
		Far{In: bytes.NewReader(in), Out: io.Discard, Err: io.Discard, Files: files(t)}.Run(context.Background(), strings.Fields(args))
	})
}
