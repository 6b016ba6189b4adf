//go:build servers

package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A page is what a reader types from top to bottom. Its fenced blocks say what they are:
//
//	```sh    commands, run one after another in one shell
//	```text  what the commands before print
//	```yaml  a file, which the program has to take
//
// Any other block is only looked at. Comments right above a block, each on a line of its
// own, say what the walk has to know and a reader does not:
//
//	<!-- not run: WHY -->         the block cannot be run here, or nothing can be compared
//	<!-- before: COMMAND -->      what a reader has done already
//	<!-- let WORD be COMMAND -->  what a reader puts in the place of WORD
//	<!-- file: NAME -->           the name under which a reader saves the block
//	<!-- head only -->            of what is printed, the heads of tables have to be the same
type page struct {
	name   string
	blocks []block
}

type block struct {
	line  int // of its fence, from 1
	lang  string
	text  string
	marks []mark
}

// mark is one comment above a block.
type mark struct{ kind, text string }

var (
	comment = regexp.MustCompile(`^<!-- (not run|before|file): (.+) -->$|^<!-- (head only) -->$|^<!-- (let) (.+ be .+) -->$`)
	typed   = regexp.MustCompile(`(?m)^(\$ |\./bin/)?(cordon|curl|make) `)
)

// has says whether a block has a mark, and what its text is.
func (b block) has(kind string) (text string, ok bool) {
	for _, m := range b.marks {
		if m.kind == kind {
			return m.text, true
		}
	}
	return "", false
}

// readPage reads the blocks of a page.
func readPage(name, text string) (p page, err error) {
	p.name = name
	var marks []mark
	var open *block
	for n, line := range strings.Split(text, "\n") {
		lang, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{line: n + 1, lang: lang, marks: marks}
		case fence:
			p.blocks = append(p.blocks, *open)
			open, marks = nil, nil
		case open != nil:
			open.text += line + "\n"
		default:
			if marks, err = above(marks, line); err != nil {
				return p, fmt.Errorf("%s:%d: %w", name, n+1, err)
			}
		}
	}
	return p, p.check()
}

// above are the marks that a block has after one more line above it.
func above(marks []mark, line string) ([]mark, error) {
	m := comment.FindStringSubmatch(line)
	switch {
	case m != nil:
		return append(marks, mark{m[1] + m[3] + m[4], m[2] + m[5]}), nil
	case line == "" && len(marks) == 0:
		return nil, nil
	case len(marks) > 0:
		return nil, fmt.Errorf("%q stands between a mark and its block", line)
	}
	return nil, nil
}

// check refuses a page on which something would be left out unseen.
func (p page) check() error {
	for _, b := range p.blocks {
		if _, let := b.has("not run"); b.lang == "" && !let && typed.MatchString(b.text) {
			return fmt.Errorf("%s:%d: these are commands: say ```sh", p.name, b.line)
		}
	}
	return nil
}

// kinds are what a file is, by a key at its top, and the command that takes it.
func kinds() []struct{ key, takes string } {
	return []struct{ key, takes string }{
		{"provider", "cordon rules test"},
		{"playbooks", "cordon playbook test"},
		{"rules", "cordon anomaly test"},
		{"allowlist|denylist|websockets|data_leak_prevention|tests", "cordon egress test"},
		{"data|node|api|store|bus|log|leak|egress|deception|anomaly|respond|ingest|notify", "cordon config check"},
	}
}

// takes is the command that reads a file; empty if a command of the page does.
func (b block) takes() (string, error) {
	for _, k := range kinds() {
		if regexp.MustCompile(`(?m)^(` + k.key + `):`).MatchString(b.text) {
			return k.takes, nil
		}
	}
	if _, named := b.has("file"); named {
		return "", nil
	}
	return "", fmt.Errorf("nothing is known that reads it: %q", strings.SplitN(b.text, "\n", 2)[0])
}
