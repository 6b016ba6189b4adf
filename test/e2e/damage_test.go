//go:build servers

package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// damage is what happens to a core of 64 blocks, with secrets in blocks 5 and
// 50, and what must be seen of it.
type damage struct {
	name   string
	do     func(t *testing.T, dir string)
	caught int    // of the two secrets
	says   string // by the source or the log
}

func damages() []damage {
	return []damage{
		{"data-flipped", func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "data"), blockSize*20+3) }, 2,
			"blocks 20 to 20: hypercore: block differs from its signed hash"},
		{"data-cut", func(t *testing.T, dir string) { cut(t, filepath.Join(dir, "data"), blockSize*40) }, 1,
			"blocks 40 to 63: hypercore: block differs from its signed hash"},
		{"tree-root-flipped", func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "tree"), 40*63+12) }, 0, "signature"},
		{"tree-cut", func(t *testing.T, dir string) { cut(t, filepath.Join(dir, "tree"), 40*10) }, 0, "tree node is not stored"},
		{"oplog-flipped", func(t *testing.T, dir string) {
			flip(t, filepath.Join(dir, "oplog"), 40)
			flip(t, filepath.Join(dir, "oplog"), 4096+40)
		}, 0, "both header slots fail their checksum"},
		{"oplog-gone", func(t *testing.T, dir string) { mustDo(t, os.Remove(filepath.Join(dir, "oplog"))) }, 0, "it has no file named oplog"},
		{"all-garbage", func(t *testing.T, dir string) {
			for _, name := range []string{"oplog", "tree", "data", "bitfield"} {
				mustDo(t, os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("garbage!"), 2000), 0o644))
			}
		}, 0, "core is damaged"},
	}
}

const blockSize = 100

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	mustDo(t, err)
	b[at] ^= 1
	mustDo(t, os.WriteFile(path, b, 0o644))
}

func cut(t *testing.T, path string, to int64) {
	t.Helper()
	mustDo(t, os.Truncate(path, to))
}

func coreOf64(t *testing.T, dir string, seed byte, r *rand.Rand) *hypercoretest.Writer {
	t.Helper()
	w := hypercoretest.NewWriter(t, dir, seed)
	for i := range 64 {
		text := fmt.Sprintf("block %d: ", i)
		if i == 5 || i == 50 {
			text += githubToken(r)
		}
		w.AppendStrings(text + strings.Repeat(".", blockSize-len(text)))
	}
	w.Flush()
	return w
}

// Cores that are damaged each in their own way are watched by one node. It says
// of each what is wrong, scans what is left of it, and goes on watching others.
func TestDamagedCores(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	dir := t.TempDir()
	config := fmt.Sprintf("leak:\n  sources:\n    - {id: good, kind: dir, path: %q}\n", filepath.Join(dir, "drop"))
	mustDo(t, os.Mkdir(filepath.Join(dir, "drop"), 0o755))
	for i, d := range damages() {
		core := filepath.Join(dir, d.name)
		coreOf64(t, core, byte(i), r)
		d.do(t, core)
		config += fmt.Sprintf("    - {id: %s, kind: hypercore, path: %q}\n", d.name, core)
	}
	b := &bad{node: newNode(t, config), r: r, drop: filepath.Join(dir, "drop")}
	b.start()
	want := 0
	for _, d := range damages() {
		want += d.caught
	}
	b.wantEntries(want)
	b.file("good.txt", b.secret())
	b.wantEntries(want + 1)
	checkDamages(t, b)
}

func checkDamages(t *testing.T, b *bad) {
	t.Helper()
	items, _ := b.list("/api/v1/quarantine?limit=500")
	for _, d := range damages() {
		got := 0
		for _, it := range items {
			if it["source"] == d.name {
				got++
			}
		}
		if got != d.caught {
			t.Errorf("%s: %d quarantine entries, want %d", d.name, got, d.caught)
		}
		eventually(t, time.Minute, d.name+": the log to say "+d.says, func() bool {
			return slices.ContainsFunc(strings.Split(b.output(), "\n"), func(line string) bool {
				return strings.Contains(line, `"source_id":"`+d.name+`"`) && strings.Contains(line, d.says)
			})
		})
	}
}

// When the disk is full the source fails visibly and nothing is stored by
// halves; with room again everything is caught, without a restart.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.start()
	b.stillCatches(0)
	b.limitFiles(largest(t, b.data)) // no file may grow any more
	var lines strings.Builder
	const secrets = 500
	for range secrets {
		lines.WriteString(b.entry("now: " + b.secret()))
	}
	b.append(lines.String())
	b.waitHealth("check the disk")
	b.limitFiles(unix.RLIM_INFINITY)
	b.wantEntries(3 + secrets)
	b.stillCatches(1)
	eventually(t, time.Minute, "health without complaint", func() bool {
		_, body := b.get("/api/v1/health")
		return !strings.Contains(string(body), "check the disk")
	})
	b.stop()
}

// limitFiles sets how large a file serve may make (setrlimit(2), RLIMIT_FSIZE):
// the write that would go beyond fails, as on a disk without room.
func (n *node) limitFiles(size uint64) {
	n.t.Helper()
	mustDo(n.t, unix.Prlimit(n.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil))
}

func largest(t *testing.T, dir string) (size uint64) {
	for _, b := range tree(t, dir) {
		size = max(size, uint64(len(b)))
	}
	return size
}

// A database that is taken away under a running node is named by the health
// check; put back, it is used on, and nothing is missing.
func TestDatabaseTakenAway(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.start()
	b.stillCatches(0)
	db := filepath.Join(b.data, "cordon.db")
	mustDo(t, os.Rename(db, db+".away"))
	b.waitHealth("database file " + db + " is gone")
	mustDo(t, os.WriteFile(db, nil, 0o600))
	b.waitHealth("database file " + db + " was replaced while it was open")
	mustDo(t, os.Rename(db+".away", db))
	b.stillCatches(1)
	b.stop()
	b.start()
	b.wantEntries(6)
}

func (b *bad) waitHealth(text string) {
	b.t.Helper()
	eventually(b.t, time.Minute, "a health check that says "+text, func() bool {
		_, body := b.get("/api/v1/health")
		return strings.Contains(string(body), text)
	})
}

// A database that cannot be used stops the start with exit code 3 and a
// sentence that says what to do; it is left as it is.
func TestDatabaseThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, db string)
		says   string
	}{
		{"another file", func(t *testing.T, db string) {
			mustDo(t, os.WriteFile(db, []byte(strings.Repeat("this is no database\n", 500)), 0o600))
		}, "is not a SQLite database"},
		{"a few bytes", func(t *testing.T, db string) { mustDo(t, os.WriteFile(db, []byte("SQL"), 0o600)) }, "is not a SQLite database"},
		{"a damaged schema", func(t *testing.T, db string) {
			b, err := os.ReadFile(db)
			mustDo(t, err)
			copy(b[100:], bytes.Repeat([]byte{0xee}, 3000))
			mustDo(t, os.WriteFile(db, b, 0o600))
		}, "the database is damaged: restore a backup"},
		{"a directory", func(t *testing.T, db string) {
			mustDo(t, os.Remove(db))
			mustDo(t, os.Mkdir(db, 0o700))
		}, "check that it is a file this user may read and write"},
		{"of another installation", func(t *testing.T, db string) {
			mustDo(t, os.RemoveAll(filepath.Join(filepath.Dir(db), "keys")))
		}, "were lost, put their copy back, or restore a backup that was made --with-keys"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, "")
			db := filepath.Join(n.data, "cordon.db")
			c.damage(t, db)
			code, said := serveFails(t, n)
			if code != 3 || !strings.Contains(said, c.says) || strings.Count(said, "\n") > 3 {
				t.Errorf("exit %d, want 3 and a sentence with %q:\n%s", code, c.says, said)
			}
		})
	}
}

// serveFails runs serve, which must not last, and returns its exit code and
// what it said.
func serveFails(t *testing.T, n *node) (int, string) {
	t.Helper()
	cmd := n.command("serve", "--config", n.config)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	mustDo(t, cmd.Start())
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), said.String()
}

// A configuration with a mistake stops the start with exit code 2, names the
// line, and repeats no value, which could be a secret.
func TestConfigurationWithAMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, says string }{
		"unknown key":        {"leak:\n  sources: []\n  sauces: []\n", "[5:3]"},
		"unknown nested key": {"notify:\n  webhooks:\n    - id: a\n      ulr: https://hunter2hunter2.example\n", "[6:7]"},
		"bad YAML":           {"leak:\n  sources: [{id: a, kind: dir\nnotify: {}\n", "["},
		"tabs":               {"leak:\n\tsources: []\n", "["},
		"wrong type":         {"leak:\n  policy:\n    min_confidence: hunter2hunter2\n", "[5:"},
		"unknown kind":       {"leak:\n  sources:\n    - {id: a, kind: carrier-pigeon, path: /x}\n", "leak.sources[0].kind"},
		"unknown format":     {"notify:\n  webhooks:\n    - {id: a, url: \"https://hunter2hunter2.example\", topics: [leak.>], format: fax}\n", "notify.webhooks[0].format"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, "")
			whole, err := os.ReadFile(n.config)
			mustDo(t, err)
			mustDo(t, os.WriteFile(n.config, append(bytes.TrimRight(whole, "\n"), "\n"+c.text...), 0o600))
			code, said := serveFails(t, n)
			if code != 2 || !strings.Contains(said, c.says) || !strings.Contains(said, n.config) {
				t.Errorf("exit %d, want 2 with %q and the file's name:\n%s", code, c.says, said)
			}
			if strings.Contains(said, "hunter2hunter2") {
				t.Errorf("a value is repeated:\n%s", said)
			}
		})
	}
}
