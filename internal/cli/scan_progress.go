package cli

import (
	"context"

	"github.com/schollz/progressbar/v3"

	"go.cordon.dev/cordon/internal/scan"
)

// scanProgress shows on a terminal how a scan fares, with rate and time left;
// elsewhere it is silent.
type scanProgress struct{ bar *progressbar.ProgressBar }

// newScanProgress adds up the folders first, since without the whole there is
// no time left. What has no size beforehand, a history or a stream, gets a rate
// only.
func newScanProgress(ctx context.Context, s *session, trees []*scan.Tree) *scanProgress {
	if s.barWidth() == 0 {
		return &scanProgress{}
	}
	var total int64
	for _, t := range trees {
		n, err := t.Size(ctx)
		if err != nil {
			break // the scan will meet it, too, and tells it
		}
		total += n
	}
	if total == 0 {
		total = -1
	}
	return &scanProgress{progressbar.NewOptions64(total, append(barOptions(s.Stderr), progressbar.OptionShowTotalBytes(true),
		progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionSetDescription("scanning"))...)}
}

// Read is told of every buffer that was filled.
func (p *scanProgress) Read(bytes int64) {
	if p.bar != nil {
		_ = p.bar.Add64(bytes)
	}
}

func (p *scanProgress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p *scanProgress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
