package nginx

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// BenchmarkLine reads a line of a log as a source does.
func BenchmarkLine(b *testing.B) {
	r, received := parse.NewReader([]parse.Plugin{Plugin()}), time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	for name, line := range map[string]string{
		"of its own file": `203.0.113.9 - - [14/Mar/2026:14:32:07 +0000] "GET /shop/items?id=58321&sort=price HTTP/1.1" 200 5316 "https://example.com/shop" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`,
		"by syslog":       `<190>Mar 14 14:32:07 web-1 nginx: 203.0.113.9 - - [14/Mar/2026:14:32:07 +0000] "GET / HTTP/1.1" 404 153 "-" "curl/8.5.0"`,
	} {
		text := []byte(line)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var records []parse.Record
			for b.Loop() {
				if records = r.Read(records[:0], text, received); len(records) != 1 {
					b.Fatal(records)
				}
			}
		})
	}
}
