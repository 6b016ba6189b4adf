//go:build servers

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// maxResident is the most memory, in bytes, that bad input may make the server
// take.
const maxResident = 400 << 20

// bad is a node with one source of each kind, and the other ends of them.
type bad struct {
	*node
	r    *rand.Rand
	drop string
	core *hypercoretest.Writer
	log  string
	tail bzzzlog.Chain

	dropped int // files with a secret (see secrets)
}

func newBad(t *testing.T) *bad {
	t.Helper()
	dir := t.TempDir()
	b := &bad{
		r: rand.New(rand.NewPCG(3, 4)), drop: filepath.Join(dir, "drop"), log: filepath.Join(dir, "bzzz.jsonl"),
		core: hypercoretest.NewWriter(t, filepath.Join(dir, "core"), 7),
	}
	mustDo(t, os.Mkdir(b.drop, 0o755))
	b.node = newNode(t, fmt.Sprintf(`
leak:
  sources:
    - {id: drop, kind: dir, path: %q}
    - {id: core, kind: hypercore, path: %q}
    - {id: log, kind: bzzz-log, path: %q}
`, b.drop, b.core.Dir(), b.log))
	return b
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file drops a file, whole at once.
func (b *bad) file(name, text string) {
	b.t.Helper()
	mustDo(b.t, os.WriteFile(filepath.Join(b.drop, name), []byte(text), 0o644))
}

// append adds text to the BZZZ log as it is.
func (b *bad) append(text string) {
	b.t.Helper()
	f, err := os.OpenFile(b.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	mustDo(b.t, err)
	_, err = f.WriteString(text)
	mustDo(b.t, err)
	mustDo(b.t, f.Close())
}

// entry makes the next line of the BZZZ log.
func (b *bad) entry(text string) string {
	b.t.Helper()
	data, err := json.Marshal(map[string]string{"text": text})
	mustDo(b.t, err)
	line, err := b.tail.Append(bzzzlog.Entry{Author: "a", Type: "chat", Timestamp: time.Unix(1e9, 0).UTC(), Data: data})
	mustDo(b.t, err)
	return string(line)
}

func (b *bad) secret() string { return githubToken(b.r) }

// filler is text of a size that no rule finds anything in.
func (b *bad) filler(size int) string {
	line := words(b.r) + ", "
	return strings.Repeat(line, size/len(line)+1)[:size]
}

// badInput is something that should not have come, with what must be seen of
// it: so many new quarantine entries, and a text in the server's log.
type badInput struct {
	name   string
	put    func(b *bad)
	caught int
	says   string
}

func badInputs() []badInput {
	return []badInput{
		{"invalid UTF-8", func(b *bad) { b.file("a.bin", "\xff\xfe\xc3( "+b.secret()+" \xf0\x28\x8c") }, 1, ""},
		{"null bytes", func(b *bad) { b.file("b.bin", "\x00\x00"+b.secret()+strings.Repeat("\x00", 5000)) }, 1, ""},
		{"an empty file", func(b *bad) { b.file("empty", "") }, 0, ""},
		{"file names that are no text", func(b *bad) {
			b.file("\xff\xfe\n\x1b[2J.txt", b.secret())
			b.file(strings.Repeat("n", 255), b.secret())
		}, 2, ""},
		{"JSON 100,000 deep", func(b *bad) { b.file("deep.json", deep(100_000, b.secret())) }, 1, "fields not scanned one by one"},
		{"JSON 100,000 deep, never closed", func(b *bad) {
			b.core.AppendStrings(`{"type":"chat","data":"` + b.secret() + `","x":` + strings.Repeat(`{"a":[`, 50_000))
		}, 1, ""},
		{"JSON with a million keys in one block", func(b *bad) { b.core.AppendStrings(wide(1_000_000, b.secret())) }, 1, ""},
		{"JSON with a million keys in a file", func(b *bad) { b.file("wide.json", wide(1_000_000, b.secret())) }, 1, ""},
		{"gzip that unpacks to 200 MB", func(b *bad) {
			b.file("bomb.json", `{"type":"chat","data":{"blob":"`+gzipBomb(200<<20)+`","token":"`+b.secret()+`"}}`)
		}, 1, "not scanned"},
		{"a line of 100 MB", func(b *bad) {
			b.file("line.json", `{"type":"chat","data":{"log":"`+b.filler(100<<20)+`","token":"`+b.secret()+`"}}`)
		}, 1, ""},
		{"a log line of 20 MB", func(b *bad) { b.append(b.entry(b.filler(20<<20) + " " + b.secret())) }, 1, "was scanned in pieces"},
		{"a log line that is none", func(b *bad) { b.append("no entry at all: " + b.secret() + "\n") }, 1, "is no log entry; it was scanned all the same"},
		{"a broken chain", func(b *bad) {
			b.append(strings.Replace(b.entry("all is well "+b.secret()), "all is well", "all is lost", 1))
		}, 1, "the chain is broken"},
		{"a file written in two halves", halfFile, 1, ""},
		{"half a log line", halfLine, 1, ""},
		{"half an oplog entry", halfEntry, 2, ""},
		{"a pipe and links", pipeAndLinks, 0, ""},
	}
}

func deep(levels int, secret string) string {
	return `{"type":"chat","data":` + strings.Repeat("[", levels) + `"` + secret + `"` + strings.Repeat("]", levels) + "}"
}

func wide(keys int, secret string) string {
	var s strings.Builder
	s.WriteString(`{"type":"chat","data":{`)
	for i := range keys {
		fmt.Fprintf(&s, `"k%d":%d,`, i, i%10)
	}
	s.WriteString(`"token":"` + secret + `"}}`)
	return s.String()
}

func gzipBomb(size int) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	zeros := make([]byte, 1<<20)
	for range size / len(zeros) {
		_, _ = w.Write(zeros) // to memory: cannot fail
	}
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(buf.Bytes())
}

// halfFile is read when it has not changed for a while, in the middle of the
// secret, and again when the rest has come.
func halfFile(b *bad) {
	secret := b.secret()
	before := b.messages("drop")
	b.file("slow.txt", "see "+secret[:20])
	eventually(b.t, time.Minute, "the first half read", func() bool { return b.messages("drop") > before })
	b.file("slow.txt", "see "+secret+"\n")
}

// messages is how many messages of a source were scanned.
func (b *bad) messages(source string) int {
	b.t.Helper()
	_, body := b.get("/api/v1/sources")
	var list struct {
		Items []struct {
			ID       string
			Messages int
		}
	}
	mustDo(b.t, json.Unmarshal(body, &list))
	for _, s := range list.Items {
		if s.ID == source {
			return s.Messages
		}
	}
	b.t.Fatalf("no source %s in %s", source, body)
	return 0
}

// halfLine ends in the middle of a line, inside the secret, and goes on when
// the server has said so.
func halfLine(b *bad) {
	secret := b.secret()
	head, tail, _ := strings.Cut(b.entry("use "+secret+" now"), secret[10:])
	b.append(head)
	b.waitDetail("the last line has no line end yet")
	b.append(secret[10:] + tail)
}

// halfEntry leaves an oplog as a killed writer does, and then writes the entry
// whole, as a writer does that comes back: neither holds up the other doors.
func halfEntry(b *bad) {
	b.core.Flush() // so that what comes next is alone in the oplog
	whole := hypercoretest.Frame(b.core.Prepare([]byte("later: "+b.secret())), b.core.Bit(), false)
	b.core.WriteTail(whole[:len(whole)/2])
	before := b.quarantined()
	b.file("meanwhile.txt", b.secret())
	b.wantEntries(before + 1)
	b.waitDetail("half-written entry")
	b.core.WriteTail(whole)
	b.wantEntries(before + 2)
	b.core.Flush()
}

// pipeAndLinks puts things into the drop folder that lead elsewhere: none is
// opened, and a pipe that nobody writes to does not hold anything up.
func pipeAndLinks(b *bad) {
	outside := filepath.Join(b.t.TempDir(), "outside.txt")
	mustDo(b.t, os.WriteFile(outside, []byte(b.secret()), 0o644))
	mustDo(b.t, syscall.Mkfifo(filepath.Join(b.drop, "pipe"), 0o644))
	for name, to := range map[string]string{"link": outside, "dangling": "nowhere", "loop": ".", "self": "self"} {
		mustDo(b.t, os.Symlink(to, filepath.Join(b.drop, name)))
	}
}

// waitDetail waits until a source says something of itself.
func (b *bad) waitDetail(text string) {
	b.t.Helper()
	eventually(b.t, time.Minute, "a source that says "+text, func() bool {
		_, body := b.get("/api/v1/sources")
		return strings.Contains(string(body), text)
	})
}

// Whatever comes in is scanned or named, in bounded memory, and afterwards the
// same node goes on catching secrets.
func TestBadInput(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.start()
	before := 0
	for i, in := range badInputs() {
		t.Run(in.name, func(t *testing.T) {
			b.t = t // what fails, fails here
			said := len(b.output())
			in.put(b)
			before += in.caught
			b.wantEntries(before)
			eventually(t, time.Minute, "the log to say "+in.says, func() bool { return strings.Contains(b.output()[said:], in.says) })
			b.stillCatches(i)
			before += 3
		})
	}
	b.t = t
	peak := b.peakMemory()
	t.Logf("peak resident memory: %d MB", peak>>20)
	if peak > maxResident {
		t.Errorf("peak resident memory is %d bytes, more than %d", peak, maxResident)
	}
	b.stop()
	if strings.Contains(b.output(), "panic") {
		t.Errorf("something panicked:\n%s", b.output())
	}
}

// wantEntries waits until there are exactly so many quarantine entries.
func (b *bad) wantEntries(n int) {
	b.t.Helper()
	eventually(b.t, 2*time.Minute, fmt.Sprintf("%d quarantine entries", n), func() bool { return b.quarantined() >= n })
	if got := b.quarantined(); got != n {
		b.t.Errorf("%d quarantine entries, want %d", got, n)
	}
}

// stillCatches puts a good secret through every door.
func (b *bad) stillCatches(i int) {
	b.t.Helper()
	before := b.quarantined()
	b.file(fmt.Sprintf("good-%d.txt", i), b.secret())
	b.core.AppendStrings("good: " + b.secret())
	b.append(b.entry("good: " + b.secret()))
	b.wantEntries(before + 3)
}

// peakMemory is the most memory that serve has had resident, in bytes (proc(5), VmHWM).
func (n *node) peakMemory() int {
	n.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	mustDo(n.t, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb int
	if _, err := fmt.Sscanf(rest, "%d kB", &kb); err != nil {
		n.t.Fatalf("no VmHWM: %v", err)
	}
	return kb << 10
}

// A file that may not be read is named, and read when it may.
func TestFileWithoutPermission(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.unprivileged()
	path := filepath.Join(b.drop, "locked.txt")
	b.file("locked.txt", b.secret())
	mustDo(t, os.Chmod(path, 0))
	b.start()
	b.waitDetail("a file cannot be read: permission denied")
	b.file("good.txt", b.secret())
	b.wantEntries(1)
	mustDo(t, os.Chmod(path, 0o644))
	b.wantEntries(2)
	if said := b.output(); !strings.Contains(said, "file locked.txt: permission denied") {
		t.Errorf("the log does not name the file:\n%s", said)
	}
}

// unprivileged makes serve run as a user who may not read everything, for whom
// root's permission to do so would hide what is tested.
func (b *bad) unprivileged() {
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for _, dir := range []string{filepath.Dir(b.config), filepath.Dir(b.drop)} {
		mustDo(b.t, os.Chmod(filepath.Dir(dir), 0o755))
		mustDo(b.t, filepath.WalkDir(dir, func(p string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(p, nobody, nobody)
		}))
	}
	mustDo(b.t, os.Chmod(filepath.Dir(binary), 0o755))
	b.prepare = func(serve *exec.Cmd) {
		serve.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}
