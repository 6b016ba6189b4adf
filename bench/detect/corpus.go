package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/detect"
)

// corpus is files with nothing planted, in memory.
type corpus struct {
	files []file
	size  int64
}

type file struct {
	path string
	text []byte
}

// plain says whether the file is text, as git tells it: no NUL near its beginning.
// What is compressed is read at the speed of its decompressor.
func (f file) plain() bool {
	const near = 8000
	return bytes.IndexByte(f.text[:min(near, len(f.text))], 0) < 0
}

// readCorpus reads every folder to its share of the most bytes.
func readCorpus(o options) (*corpus, error) {
	c := &corpus{}
	for _, dir := range o.corpus {
		end := c.size + o.most/int64(len(o.corpus))
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || c.size >= end || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			c.files = append(c.files, file{path, text})
			c.size += int64(len(text))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// noise is what is found where nothing was planted. docs/accuracy.md says of each
// what it is.
func (e *engine) noise(t *table, c *corpus) {
	n := 0
	for _, f := range c.files {
		n += e.scanner.Scan(f.text, func(detect.Finding) bool { return true }).Findings
	}
	t.row("findings where nothing was planted, per GB", "<= 60", "%.0f (%d in %d MB)", float64(n)*1e9/float64(c.size), n, c.size/1e6)
}
