package app

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// documents are the entries of some files that the configuration names, and the digest
// of what the files held: by it a change of them is noticed.
type documents[T any] struct {
	all []T
	sum [sha256.Size]byte
}

// readDocuments reads files of at most so many bytes each.
func readDocuments[T any](what string, files []string, most int64, parse func(file string, text []byte) ([]T, error)) (d documents[T], err error) {
	var sums bytes.Buffer
	for _, file := range files {
		text, err := readDocument(file, most)
		if err != nil {
			return d, fmt.Errorf("reading %s: %w", what, err)
		}
		some, err := parse(file, text)
		if err != nil {
			return d, fmt.Errorf("reading %s of %s: %w", what, file, err)
		}
		sum := sha256.Sum256(text)
		sums.Write(sum[:])
		d.all = append(d.all, some...)
	}
	d.sum = sha256.Sum256(sums.Bytes())
	return d, nil
}

// readDocument reads one byte more than a document may have, which its parser refuses.
func readDocument(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// digestOfAll is the digest of some files as readDocuments makes it; ok is false while
// one of them is not there.
func digestOfAll(files []string) (sum [sha256.Size]byte, ok bool) {
	var sums bytes.Buffer
	for _, file := range files {
		one, ok := digestOf(file)
		if !ok {
			return sum, false
		}
		sums.Write(one[:])
	}
	return sha256.Sum256(sums.Bytes()), true
}
