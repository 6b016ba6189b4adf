package leak

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/leak/source"
)

// What lies in an entry's context was reported with the entry before; what
// reaches out of it is reported now.
func TestContextIsNotReportedAgain(t *testing.T) {
	before := secretNo(1) + " and " + secretNo(2)[:9]
	whole := before + secretNo(2)[9:] + " and " + secretNo(3)
	tests := map[string]struct {
		context int
		want    []int
	}{
		"no context":                  {0, []int{1, 2, 3}},
		"one in it, one reaching out": {len(before), []int{2, 3}},
		"up to the end of one":        {len(secretNo(1)), []int{2, 3}},
		"all of it":                   {len(whole), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, []detect.Rule{token()})
			k.feed(Watch{}, source.Entry{MessageID: "m", Data: []byte(whole), Context: tt.context})
			got := map[string]bool{}
			for _, f := range k.findings() {
				got[f.Fingerprint] = true
			}
			if len(got) != len(tt.want) {
				t.Errorf("%d findings, want those of %v", len(got), tt.want)
			}
			for _, n := range tt.want {
				if !got[k.ring.Fingerprint([]byte(secretNo(n)))] {
					t.Errorf("secret %d is not reported", n)
				}
			}
			if strings.Contains(k.recorded(), secretNo(1)) {
				t.Error("the context shows a secret")
			}
		})
	}
}
