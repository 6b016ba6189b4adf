// Command hypercore measures the Go reader beside the npm package it reads after, on the
// same files in the same run, and prints the ratios as Markdown tables:
//
//   - reading: open, verify the signature and hash every block, against npm hypercore's
//     createReadStream, which does not hash;
//   - writing: how much longer an npm writer takes to append, and how much more processor
//     time it uses, while it is being followed;
//   - replication: downloading a core from a serving npm, by npm and by ours in turn, with the
//     processor time that takes, and the latency of what it appends then;
//   - latency: from just before a block is appended until the follower hands it out.
//
// Runs alternate and the median counts. It needs Node and the packages of
// test/hypercore-node and test/hypercore-node11 (npm ci):
//
//	go run ./bench/hypercore
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"
)

type bench struct {
	script, replicate    string
	blocks, size, writes int
	rate                 int
	rounds               int
	dir                  string
}

func main() {
	var b bench
	flag.StringVar(&b.script, "script", "test/hypercore-node/bench.mjs", "the npm side")
	flag.StringVar(&b.replicate, "replicate", "test/hypercore-node/replicate.mjs", "the npm side of replication")
	only := flag.String("only", "", "one part: read, write, replicate")
	flag.IntVar(&b.blocks, "blocks", 100_000, "blocks to read")
	flag.IntVar(&b.size, "size", 1024, "bytes of a block")
	flag.IntVar(&b.writes, "writes", 4000, "blocks to append in one round")
	flag.IntVar(&b.rate, "rate", 1000, "blocks a second of the paced writer")
	flag.IntVar(&b.rounds, "rounds", 9, "rounds; the median counts")
	flag.Parse()
	if err := b.run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "hypercore bench:", err)
		os.Exit(3)
	}
}

func (b *bench) run(only string) (err error) {
	if b.dir, err = os.MkdirTemp("", "hypercore-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	fmt.Printf("%s/%s, %d CPUs, %s, median of %d\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.rounds)
	for _, part := range b.parts() {
		if only != "" && only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

// part is one table.
type part struct {
	name string
	run  func() error
}

func (b *bench) parts() []part {
	return []part{
		{"read", func() error { return b.reading(filepath.Join(b.dir, "read")) }},
		{"write", func() error { return b.writing("append", "at full speed") }},
		{"write", func() error { return b.writing("pace", fmt.Sprintf("at %d a second", b.rate)) }},
		{"replicate", func() error { return b.replication("test/hypercore-node") }},
		{"replicate", func() error { return b.replication("test/hypercore-node11") }},
	}
}

// cost is what the npm side says its work took.
type cost struct {
	MS  float64 `json:"ms"`
	CPU float64 `json:"cpu"`
}

func (b *bench) npm(what, dir string, args ...int) (cost, error) {
	argv := []string{b.script, what, dir}
	for _, a := range args {
		argv = append(argv, strconv.Itoa(a))
	}
	cmd := exec.Command("node", argv...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return cost{}, fmt.Errorf("node %s %s: %w", b.script, what, err)
	}
	var c cost
	return c, json.Unmarshal(out, &c)
}

func median(v []float64) float64 { return quantile(v, 0.5) }

func quantile(v []float64, q float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[int(q*float64(len(v)-1))]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
