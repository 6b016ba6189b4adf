package cli

import "testing"

func TestPrintableShowsWhatATerminalWouldObey(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "agent-1 said: über\n", "agent-1 said: über\n"},
		{"escape sequence", "\x1b[2J", `\x1b[2J`},
		{"title of the window", "\x1b]0;owned\a", `\x1b]0;owned\a`},
		{"right-to-left override", "a\u202egnp.exe", `a\u202egnp.exe`},
		{"zero width", "pass\u200bword", `pass\u200bword`},
		{"carriage return", "ok\rFAIL", `ok\rFAIL`},
		{"bytes that are no UTF-8", "a\xffb", `a\ufffdb`},
	}
	for _, tt := range tests {
		if got := printable(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFocusShowsWhatWasRedacted(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"short", "key AKI****67", "key AKI****67"},
		{"at the end", "0123456789 0123456789 AKI****67", "…9 0123456789 AKI****67"},
		{"at the start", "AKI****67 0123456789 0123456789", "AKI****67 0123456789 0…"},
		{"in the middle", "0123456789 0123456789 AKI****67 0123456789", "…456789 AKI****67 0123…"},
		{"nothing redacted", "0123456789 0123456789 0123456789", "0123456789 0123456789 …"},
	}
	for _, tt := range tests {
		if got := focus(tt.in, 23); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSizesReadWell(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 338_400: "338.4 kB", 2_500_000_000: "2.5 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestAWatchKeepsItsID(t *testing.T) {
	a, again, b := watchID("dir", "/var/in box"), watchID("dir", "/var/in box"), watchID("dir", "/srv/in box")
	if a != again || a == b || a[:11] != "dir-in-box-" {
		t.Errorf("ids %q, %q, %q", a, again, b)
	}
}
