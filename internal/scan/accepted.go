package scan

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// IgnoredPlaces are the lines of a .gitleaksignore: places whose finding is
// accepted. It is a Filter.
type IgnoredPlaces struct {
	known  func(rule string) bool
	places map[place]bool
}

// place is FILE:RULE:LINE, or COMMIT:FILE:RULE:LINE (gitleaks' README,
// ".gitleaksignore"). rule is empty for one that Cordon does not have.
type place struct {
	commit, file, rule string
	line               int
}

// NewIgnoredPlaces returns an empty list. known says whether Cordon has a rule:
// an entry of one that it does not have was made by gitleaks, which has other
// names for some, and holds for whatever rule finds something there.
func NewIgnoredPlaces(known func(rule string) bool) *IgnoredPlaces {
	return &IgnoredPlaces{known, map[place]bool{}}
}

// maxIgnoredPlaces bounds a .gitleaksignore, in bytes.
const maxIgnoredPlaces = 32 << 20

// Read adds the lines of a file, and returns those that say nothing.
func (l *IgnoredPlaces) Read(file string) (bad []string, err error) {
	text, err := readWhole(file, maxIgnoredPlaces)
	if err != nil {
		return nil, fmt.Errorf("reading accepted places: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && !l.Add(line) {
			bad = append(bad, line)
		}
	}
	return bad, nil
}

var commitID = regexp.MustCompile(`\A[0-9a-f]{40}(?:[0-9a-f]{24})?\z`)

// Add takes one entry; false when it is none.
func (l *IgnoredPlaces) Add(entry string) bool {
	parts := strings.Split(entry, ":")
	if len(parts) < 3 {
		return false
	}
	line, err := strconv.Atoi(parts[len(parts)-1])
	if err != nil {
		return false
	}
	p := place{rule: parts[len(parts)-2], line: line}
	parts = parts[:len(parts)-2]
	if len(parts) > 1 && commitID.MatchString(parts[0]) {
		p.commit, parts = parts[0], parts[1:]
	}
	p.file = path.Clean(filepath.ToSlash(strings.Join(parts, ":")))
	if !l.known(p.rule) {
		p.rule = ""
	}
	l.places[p] = true
	return true
}

// Allows says whether an entry names the finding's place. One without a commit
// holds in every commit.
func (l *IgnoredPlaces) Allows(f *Finding) bool {
	if len(l.places) == 0 {
		return false
	}
	for _, file := range []string{path.Clean(f.rel), path.Clean(f.File)} {
		for _, rule := range []string{f.Rule, ""} {
			if l.places[place{f.Commit, file, rule, f.Line}] || l.places[place{"", file, rule, f.Line}] {
				return true
			}
		}
	}
	return false
}
