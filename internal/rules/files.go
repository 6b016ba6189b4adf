package rules

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"go.cordon.dev/cordon/detect"
)

// maxFile bounds a rule file, in bytes.
const maxFile = 1 << 20

// readFiles reads the rule files of the configuration. A rule with a mistake is
// an error with file, line and reason: who lists a file counts on it. One of a
// kind that there is no use for is logged.
func readFiles(names []string, log *slog.Logger) ([]base, error) {
	var all []base
	seen := map[string]string{}
	for _, name := range names {
		in, err := readFile(name)
		if err != nil {
			return nil, err
		}
		for _, n := range in.Notes {
			log.Warn("rule file", "file", name, "line", n.Line, "rule", n.Rule, "note", n.Reason)
		}
		for i, r := range in.Rules {
			if first, taken := seen[r.ID]; taken {
				return nil, fmt.Errorf("%s:%d: rule %q: id already used in %s", name, in.Lines[i], r.ID, first)
			}
			seen[r.ID] = name
			all = append(all, base{rule: r, origin: File, from: name})
		}
	}
	return all, nil
}

func readFile(name string) (detect.Import, error) {
	f, err := os.Open(name)
	if err != nil {
		return detect.Import{}, fmt.Errorf("opening rule file: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return detect.Import{}, fmt.Errorf("reading rule file %s: %w", name, err)
	}
	if len(data) > maxFile {
		return detect.Import{}, fmt.Errorf("%s:1: the file is larger than %d bytes", name, maxFile)
	}
	in, err := detect.ImportRules(name, data)
	if err != nil {
		return detect.Import{}, err
	}
	for _, n := range in.Notes {
		if n.Refused && !n.Foreign {
			return detect.Import{}, fmt.Errorf("%s:%d: rule %q: %s", name, n.Line, n.Rule, n.Reason)
		}
	}
	return in, nil
}
