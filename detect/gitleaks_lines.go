package detect

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// tomlLines is where the keys of a TOML document are, by paths such as
// "rules[2].regex".
type tomlLines map[string]int

// of returns the line of the first path that is there, or 1.
func (t tomlLines) of(paths ...string) int {
	for _, p := range paths {
		if line, ok := t[p]; ok {
			return line
		}
	}
	return 1
}

// findTOMLLines walks a document that the decoder has read.
func findTOMLLines(data []byte) tomlLines {
	w := tomlWalk{data: data, lines: tomlLines{}, count: map[string]int{}}
	w.parser.Reset(data)
	for w.parser.NextExpression() {
		w.visit(w.parser.Expression())
	}
	return w.lines
}

type tomlWalk struct {
	data   []byte
	ends   int // line ends in data[:seen]
	seen   int
	parser unstable.Parser
	lines  tomlLines
	count  map[string]int // elements so far of each array of tables
	table  string
}

func (w *tomlWalk) visit(n *unstable.Node) {
	keys, line := w.keys(n)
	switch n.Kind {
	case unstable.Table:
		w.table = w.indexed(keys)
	case unstable.ArrayTable:
		path := w.indexed(keys)
		w.table = fmt.Sprintf("%s[%d]", path, w.count[path])
		w.count[path]++
	case unstable.KeyValue:
		w.put(w.table+"."+strings.Join(keys, "."), line)
		return
	default:
		return
	}
	w.put(w.table, line)
}

func (w *tomlWalk) put(path string, line int) {
	path = strings.TrimPrefix(path, ".")
	if _, known := w.lines[path]; !known {
		w.lines[path] = line
	}
}

func (w *tomlWalk) keys(n *unstable.Node) (keys []string, line int) {
	if n.Kind != unstable.Table && n.Kind != unstable.ArrayTable && n.Kind != unstable.KeyValue {
		return nil, 0
	}
	for it := n.Key(); it.Next(); {
		k := it.Node()
		keys = append(keys, string(k.Data))
		if line == 0 {
			line = w.lineAt(int(k.Raw.Offset))
		}
	}
	return keys, line
}

// lineAt counts on from the place before, since keys come in their order.
func (w *tomlWalk) lineAt(at int) int {
	if at > w.seen {
		w.ends += bytes.Count(w.data[w.seen:at], []byte("\n"))
		w.seen = at
	}
	return w.ends + 1
}

// indexed writes the path of a table; of an array of tables on the way it means
// the last element (TOML 1.0, "Array of Tables").
func (w *tomlWalk) indexed(keys []string) string {
	path := ""
	for i, k := range keys {
		path = strings.TrimPrefix(path+"."+k, ".")
		if n := w.count[path]; n > 0 && i < len(keys)-1 {
			path = fmt.Sprintf("%s[%d]", path, n-1)
		}
	}
	return path
}
