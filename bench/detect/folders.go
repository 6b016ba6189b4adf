package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// program scans a folder from the command line.
type program struct {
	name string
	args func(dir, report string) []string
	goal string // of our processor time against its own
}

// programs are the peers. Their calls report to a file that is thrown away (some
// replace a device by a file) and verify nothing.
func programs() []program {
	return []program{
		{"betterleaks", func(d, report string) []string {
			return []string{"dir", d, "--no-banner", "-r", report, "-f", "json", "--exit-code", "0"}
		}, ">= 10x"},
		{"titus", func(d, report string) []string {
			return []string{"scan", d, "--format", "json", "--output", ":memory:"}
		}, ">= 10x"},
		{"gitleaks", func(d, report string) []string {
			return []string{"dir", d, "--no-banner", "-r", report, "-f", "json", "--exit-code", "0"}
		}, ">= 300x"},
		{"trufflehog", func(d, report string) []string {
			return []string{"filesystem", d, "--no-verification", "--no-update", "--json"}
		}, ""},
		{"kingfisher", func(d, report string) []string { return []string{"scan", d, "--no-validate", "--format", "json"} }, ""},
	}
}

// patience is how long one program may take.
const patience = 30 * time.Minute

// folders compares the processor time, user and system, of whole programs over
// one folder: that which is named, or the first of the corpus.
func folders(t *table, o options) {
	dir := o.folder
	if dir == "" && len(o.corpus) > 0 {
		dir = o.corpus[0]
	}
	if dir == "" {
		return
	}
	size := sizeOf(dir)
	ours, err := processor(o.cordon, "scan", dir, "--format", "jsonl", "--no-stats")
	if err != nil {
		t.row("folder, `cordon scan`", "", "not measured: %v", err)
		return
	}
	t.row("folder, `cordon scan`, processor time", "", "%.2f s for %d MB: %.0f MB/s of a core", ours.Seconds(), size/1e6, float64(size)/1e6/ours.Seconds())
	for _, p := range programs() {
		path, err := exec.LookPath(p.name)
		if err != nil {
			continue
		}
		theirs, err := peer(path, dir, p)
		if err != nil {
			t.row("folder, "+p.name, p.goal, "not measured: %v", err)
			continue
		}
		t.row("folder, "+p.name+", processor time against ours", p.goal, "%.0fx (%.2f s)", theirs.Seconds()/ours.Seconds(), theirs.Seconds())
	}
}

func peer(path, dir string, p program) (time.Duration, error) {
	scratch, err := os.MkdirTemp("", "bench-detect-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	return processor(path, p.args(dir, filepath.Join(scratch, "report.json"))...)
}

// processor is the user and system time of a program, which may end as if it had
// found something.
func processor(name string, args ...string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	var exit *exec.ExitError
	err := cmd.Run()
	if ctx.Err() != nil {
		return 0, fmt.Errorf("%s: it took more than %v", filepath.Base(name), patience)
	}
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 2) {
		return 0, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func sizeOf(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
