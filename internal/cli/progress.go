package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal how a long scan fares; elsewhere it is silent.
type progress struct {
	bar  *progressbar.ProgressBar
	room int // columns for what is worked on
}

// figures are the columns that a line of progress needs besides what is worked on: one
// that is longer than the terminal is wide cannot be written over.
const figures = 44

func newProgress(s *session) *progress {
	width := s.barWidth()
	if width == 0 {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(-1, append(barOptions(s.Stderr), progressbar.OptionSetWidth(max(4, width-figures-between)),
		progressbar.OptionSetDescription("scanning"))...), max(0, width-figures)}
}

// barWidth is how wide a line of progress may be; 0 where none is shown: in files and
// pipes, and on terminals that cannot write over a line.
func (s *session) barWidth() int {
	if name, _ := s.Lookup("TERM"); name == "dumb" || !isTerminal(s.Stderr) {
		return 0
	}
	width, _, err := term.GetSize(int(s.Stderr.(*os.File).Fd()))
	if err != nil || width < narrowest {
		return usualWidth
	}
	return width
}

// usualWidth is that of a terminal that does not know its own.
const usualWidth = 80

// barOptions are what all lines of progress have: characters that every terminal has.
func barOptions(w io.Writer) []progressbar.Option {
	return []progressbar.Option{
		progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true), progressbar.OptionSpinnerCustom([]string{"-", "\\", "|", "/"}),
		progressbar.OptionSetTheme(progressbar.ThemeASCII), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100 * time.Millisecond),
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (p *progress) file(path string) {
	if p.bar != nil {
		p.bar.Describe(tail(oneLine(path), p.room))
	}
}

// tail is the end of a text, of at most n characters: of a path the end says most.
func tail(text string, n int) string {
	r := []rune(text)
	return string(r[max(0, len(r)-n):])
}

func (p *progress) reader(r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	return io.TeeReader(r, p.bar)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// blocks shows how far a walk through a log has come.
func (p *progress) blocks(done, total uint64) {
	if p.bar != nil {
		p.bar.ChangeMax64(int64(total))
		_ = p.bar.Set64(int64(done))
	}
}
