package budget

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// maxFile bounds the file, in bytes: every line with the longest names.
const maxFile = maxLines * (2*maxProgram + 512)

// entry is a line in the file.
type entry struct {
	Rule    string        `json:"rule"`
	Program string        `json:"program,omitempty"`
	Bytes   int64         `json:"bytes"` // of the budget
	Per     policy.Period `json:"per"`
	Scope   policy.Scope  `json:"scope"`
	Window  int64         `json:"window"` // number of the period since 1970
	Used    int64         `json:"used"`
}

// Open reads a Book from its file, which need not be there. One that cannot be read
// makes a Book that grants nothing, and says why in the log: what has left is not
// known then.
func Open(file string, log *slog.Logger) *Book {
	b := New()
	b.file, b.log = file, log
	if err := b.load(); err != nil {
		b.broken = err
		log.Error("egress: nothing leaves by rules with a data_budget; remove the file to begin anew", "file", file, "error", err)
	}
	return b
}

func (b *Book) load() error {
	f, err := os.Open(b.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the book of data budgets: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return fmt.Errorf("reading the book of data budgets: %w", err)
	}
	return b.parse(data)
}

// parse takes the lines of a file.
func (b *Book) parse(data []byte) error {
	var entries []entry
	if err := json.Unmarshal(data, &entries); err != nil {
		return fmt.Errorf("reading the book of data budgets: %w", err)
	}
	if len(entries) > maxLines {
		return fmt.Errorf("reading the book of data budgets: it has %d lines, more than %d", len(entries), maxLines)
	}
	for _, e := range entries {
		if e.Rule == "" || e.Bytes <= 0 || e.Used < 0 || e.Window < 0 || e.Per.Length() == 0 {
			return errors.New("reading the book of data budgets: a line of it makes no sense")
		}
		b.lines[Key{e.Rule, e.Program}] = &line{policy.Budget{Bytes: e.Bytes, Per: e.Per, Scope: e.Scope}, e.Window, e.Used, e.Used}
	}
	return nil
}

// save writes every line, with what used says of it, in the place of the file.
func (b *Book) save(used func(*line) int64) error {
	entries := make([]entry, 0, len(b.lines))
	for k, l := range b.lines {
		entries = append(entries, entry{k.Rule, k.Program, l.budget.Bytes, l.budget.Per, l.budget.Scope, l.window, used(l)})
	}
	data, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("writing the book of data budgets: %w", err)
	}
	return replace(b.file, data)
}

// replace puts a whole new file in the place of another, and returns when it is
// there for good.
func replace(file string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".budgets-*")
	if err != nil {
		return fmt.Errorf("writing the book of data budgets: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error is told
		}
	}()
	_, werr := f.Write(data)
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the book of data budgets: %w", err)
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return fmt.Errorf("writing the book of data budgets: %w", err)
	}
	return nil
}
