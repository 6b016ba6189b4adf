package sshd

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// BenchmarkLine reads a line of a log as a source does.
func BenchmarkLine(b *testing.B) {
	r, received := parse.NewReader([]parse.Plugin{Plugin()}), time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	for name, line := range map[string]string{
		"guessed":  "Mar 14 14:32:07 web-1 sshd[58321]: Failed password for root from 203.0.113.9 port 51022 ssh2",
		"unknown":  "Mar 14 14:32:07 web-1 cron[811]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
		"RFC 5424": "<38>1 2026-03-14T14:32:07.123456Z web-1 sshd 58321 - - Failed password for invalid user admin from 2001:db8::9 port 51022 ssh2",
	} {
		text := []byte(line)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var records []parse.Record
			for b.Loop() {
				records = r.Read(records[:0], text, received)
			}
		})
	}
}
