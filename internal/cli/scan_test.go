package cli

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/scan"
)

func TestSizesAreRead(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "1": 1, "500": 500, "500B": 500, "10kB": 10_000, "100MB": 100_000_000, "2GiB": 2 << 30, "1k": 1000, "3 MiB": 3 << 20, "1T": 1e12,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "much", "10XB", "1.5GB", "B", "99999999999999999999", "9000000T"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestTheSummarySaysWhatCameOut(t *testing.T) {
	sum := scan.Summary{Files: 2, Bytes: 3_000, Took: 1500 * time.Microsecond}
	tests := []struct {
		change  func(*scan.Summary)
		ignored int
		want    string
	}{
		{func(*scan.Summary) {}, 0, "clean (2 files, 3.0 kB in 2ms)"},
		{func(s *scan.Summary) { s.Findings = 1 }, 0, "1 finding (2 files, 3.0 kB in 2ms)"},
		{func(s *scan.Summary) { s.NotScanned = 4 }, 0, "clean except 4 not scanned (2 files, 3.0 kB in 2ms)"},
		{func(s *scan.Summary) { s.Findings, s.NotScanned = 2, 1 }, 0, "2 findings, and 1 not scanned (2 files, 3.0 kB in 2ms)"},
		{func(s *scan.Summary) { s.Known, s.Unsure = 1, 5 }, 2, "clean (2 files, 3.0 kB in 2ms; 1 finding known or allowed; 5 below --min-confidence; 2 paths ignored)"},
	}
	for _, tt := range tests {
		s := sum
		tt.change(&s)
		if got := summaryLine(s, tt.ignored); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
