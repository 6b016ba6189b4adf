package detect

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestWhatIsNotScannedIsSaid(t *testing.T) {
	secret := expand(t, "{{github:ghp}}")
	deep := secret
	for range 6 {
		deep = base64.StdEncoding.EncodeToString([]byte(deep))
	}
	bomb := gzipped(make([]byte, 1<<20))
	cut := gzipped([]byte(strings.Repeat("random words "+strconv.Itoa(len(deep)), 50)))
	plain := deflated(numbered(400))
	for _, c := range []struct {
		name string
		text []byte
		want Reason
	}{
		{"too deep", []byte(deep), ReasonDepth},
		{"gzip bomb", bomb, ReasonBudget},
		{"gzip bomb in base64", []byte(base64.StdEncoding.EncodeToString(bomb)), ReasonBudget},
		{"cut gzip", cut[:len(cut)-12], ReasonUndecodable},
		{"cut deflate", []byte(plain[:len(plain)-12]), ReasonUndecodable},
	} {
		t.Run(c.name, func(t *testing.T) {
			scanner := NewScanner(compileBuiltin(t, Options{MaxDecoded: 64 << 10}))
			_, report := scanner.FindAll(c.text)
			if report.Complete() || report.NotScanned[0].Reason != c.want {
				t.Fatalf("report %+v, want %q", report, c.want)
			}
			if n := report.NotScanned[0]; n.Start < 0 || n.End > int64(len(c.text)) || n.Start >= n.End {
				t.Errorf("span %+v of %d bytes", n, len(c.text))
			}
		})
	}
}

// numbered is a text of so many lines that no compression makes very small.
func numbered(lines int) []byte {
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, "line %d of the text, %x\n", i, i*i*7919)
	}
	return b.Bytes()
}
