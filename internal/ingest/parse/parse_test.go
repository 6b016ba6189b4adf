package parse

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	berlin := time.FixedZone("berlin", 3600)
	received := time.Date(2026, 1, 1, 0, 30, 0, 0, berlin)
	at := func(year int, month time.Month, day, hour, minute, second int) time.Time {
		return time.Date(year, month, day, hour, minute, second, 0, berlin)
	}
	tests := map[string]struct {
		line string
		want Message
	}{
		"no header":                         {"198.51.100.7 - - [x] \"GET\"\r\n", Message{received, "", "", 0, "198.51.100.7 - - [x] \"GET\""}},
		"nothing":                           {"", Message{Time: received}},
		"last year":                         {"Dec 31 23:59:59 web-1 sshd[7]: text", Message{at(2025, 12, 31, 23, 59, 59), "web-1", "sshd", 7, "text"}},
		"a clock that is ahead":             {"Jan  1 01:30:00 web-1 sshd[7]: text", Message{at(2026, 1, 1, 1, 30, 0), "web-1", "sshd", 7, "text"}},
		"another zone":                      {"2025-12-31T23:00:00Z web-1 sshd: text", Message{at(2026, 1, 1, 0, 0, 0), "web-1", "sshd", 0, "text"}},
		"no tag":                            {"Jan  1 00:30:00 web-1 some text", Message{at(2026, 1, 1, 0, 30, 0), "", "", 0, "web-1 some text"}},
		"a priority alone":                  {"<13>sshd[7]: text", Message{received, "", "sshd", 7, "text"}},
		"no priority":                       {"<192>sshd[7]: text", Message{received, "", "", 0, "<192>sshd[7]: text"}},
		"no number":                         {"<+1>sshd[7]: text", Message{received, "", "", 0, "<+1>sshd[7]: text"}},
		"a PID that is none":                {"Jan  1 00:30:00 web-1 sshd[x]: text", Message{at(2026, 1, 1, 0, 30, 0), "", "", 0, "web-1 sshd[x]: text"}},
		"a tag with a slash":                {"Jan  1 00:30:00 web-1 postfix/smtpd[7]: text", Message{at(2026, 1, 1, 0, 30, 0), "web-1", "postfix/smtpd", 7, "text"}},
		"RFC 5424":                          {"<34>1 2025-12-31T23:00:00.000Z web-1 su 7 ID47 - \uFEFF'su root' failed", Message{at(2026, 1, 1, 0, 0, 0), "web-1", "su", 7, "'su root' failed"}},
		"RFC 5424, all nil":                 {"<34>1 - - - - - -", Message{received, "", "", 0, ""}},
		"RFC 5424, two elements":            {`<34>1 - h p - - [a@1 b="]\""][c] text`, Message{received, "h", "p", 0, "text"}},
		"RFC 5424, an element without end":  {`<34>1 - h p - - [a@1 b="] text`, Message{received, "", "", 0, `<34>1 - h p - - [a@1 b="] text`}},
		"RFC 5424, fields that are missing": {"<34>1 - h p", Message{received, "", "", 0, "<34>1 - h p"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Split(tt.line, received)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Dec 31 23:59:59 web-1 sshd[7]: text")
	f.Add(`<34>1 2025-12-31T23:00:00.000Z web-1 su 7 ID47 [a b="\"]"] text`)
	f.Fuzz(func(t *testing.T, line string) {
		m := Split(line, time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC))
		if !strings.Contains(line, m.Text) || !strings.Contains(line, m.Host) || !strings.Contains(line, m.Program) || m.PID < 0 {
			t.Errorf("%q is %+v", line, m)
		}
	})
}

func TestTextsAreCutBetweenCharacters(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("é", 5), strings.Repeat("€", 5), strings.Repeat("\xff", 12), "123456789\xff\xff", "12345678€"} {
		got := clip(text, 10)
		if len(got) > 10 || !utf8.ValidString(got) || utf8.ValidString(text) && len(got) < min(len(text), 7) {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
