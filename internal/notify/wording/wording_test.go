package wording_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/wording"
)

func said(t *testing.T, severity event.Severity, subject string, p event.Payload) string {
	t.Helper()
	e, err := event.New(event.Header{Time: time.Now(), Source: "node-1/x", Severity: severity, Subject: subject}, p)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range wording.Of(e).Line {
		b.WriteString(s.Text)
	}
	return b.String()
}

func TestSentences(t *testing.T) {
	at := uint64(7)
	for _, tt := range []struct {
		payload  event.Payload
		severity event.Severity
		subject  string
		want     string
	}{
		{event.FindingDetected{Finding: event.Finding{SecretType: "GITHUB_TOKEN", Redacted: "ghp_****", Confidence: 0.98}, Place: event.Place{SourceID: "chat", Index: &at}}, event.High, "",
			"high finding: GITHUB_TOKEN in chat at 7, 98 % sure (ghp_****)"},
		{event.QuarantineReviewed{QuarantineID: "q", Rule: "r", Action: "false_positive", Reviewer: "ada", Reason: "docs"}, event.Info, "", "ada reviewed quarantine entry q (r): false positive: docs"},
		{event.SubscriptionsChanged{Names: []string{"a", "b"}}, event.Info, "", "Webhook subscriptions changed: a, b"},
		{event.SubscriptionsChanged{Names: []string{"a"}}, event.Info, "webhook a paused", "Webhook subscriptions changed: a (webhook a paused)"},
		{event.SubscriptionsChanged{Names: []string{"a"}}, event.High, "webhook a tripped: HTTP 500", "webhook a tripped: HTTP 500"},
		{event.WebhookTest{Webhook: "soc", RequestedBy: "ada"}, event.Info, "", "Test of webhook soc, sent for ada: it works."},
		{event.LeakBlocked{Connection: event.Connection{Host: "paste.example", Port: 80, Program: "/bin/x", Findings: []event.Leak{{Rule: "github-pat", Redacted: "ghp_****"}, {Rule: "jwt", Redacted: "ey****"}}}}, event.High, "",
			"high leak kept in: github-pat (ghp_****), jwt (ey****) on the way to paste.example:80 by /bin/x"},
		{event.ConnectionDenied{Connection: event.Connection{Host: "2001:db8::1", Port: 443, Reason: "default_policy"}}, event.Low, "", "Kept in (default policy): [2001:db8::1]:443"},
		{event.ConnectionAllowed{Connection: event.Connection{Host: "api.example", Port: 443, Reason: "rule"}}, event.Info, "", "Let out (rule): api.example:443"},
		{event.KillSwitchChanged{Active: true, Reason: "a drill", ChangedBy: "ada"}, event.Critical, "", "ada turned the kill switch on at node-1/x: a drill"},
		{event.KillSwitchChanged{ChangedBy: "ada"}, event.Critical, "", "ada lifted the kill switch of node-1/x"},
		{event.EndpointFirstSeen{Host: "paste.example", Port: 443, Program: "/bin/x", Decision: "deny", Reason: "default_policy"}, event.Low, "",
			"First seen: paste.example:443 by /bin/x (kept in, default policy); it waits for review"},
		{event.ThresholdExceeded{Blocked: 101, WindowSeconds: 300, Host: "paste.example", Port: 443}, event.Medium, "",
			"A program that is not known was denied 101 times within 300 s, last: paste.example:443"},
		{event.BaselineDeviated{Program: "/bin/x", Explanation: "42 MB to api.example in 10 min; usual at this hour: nothing"}, event.High, "",
			"Unusual traffic: 42 MB to api.example in 10 min; usual at this hour: nothing by /bin/x"},
		{event.SilenceChanged{Active: true, Topics: []string{"leak.>", "egress.>"}, MaxSeverity: event.High, Until: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Reason: "a drill", ChangedBy: "ada"}, event.Medium, "",
			"ada silenced all webhooks about leak.>, egress.> until 2026-01-02 15:04 UTC, up to severity high: a drill"},
		{event.SilenceChanged{Topics: []string{"leak.>"}, Webhooks: []string{"soc"}, Reason: "over", ChangedBy: "bob"}, event.Info, "",
			"bob ended the silence of soc about leak.>: over"},
		{event.BlockChanged{Active: true, Network: "203.0.113.9", Origin: "person", Until: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Reason: "guesses", ChangedBy: "ada"}, event.Medium, "",
			"ada blocked 203.0.113.9 until 2026-01-02 15:04 UTC: guesses"},
		{event.BlockChanged{Active: true, Network: "203.0.113.0/24", Origin: "playbook", Until: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), Reason: "guesses", ChangedBy: "guessers"}, event.Medium, "",
			"Playbook guessers blocked 203.0.113.0/24 until 2026-01-02 15:04 UTC: guesses"},
		{event.BlockChanged{Network: "203.0.113.9", Origin: "playbook", Reason: "it was us", ChangedBy: "bob"}, event.Info, "",
			"bob took 203.0.113.9 off the block list: it was us"},
		{event.ActionChanged{Playbook: "p", Kind: "block", Target: "203.0.113.9", State: "dry_run"}, event.Info, "", "Playbook p would block 203.0.113.9"},
		{event.ActionChanged{Playbook: "p", Kind: "block", Target: "203.0.113.9", State: "pending", Expires: new(time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))}, event.High, "",
			"Playbook p asks to block 203.0.113.9; it waits for approval until 2026-01-02 15:04 UTC"},
		{event.ActionChanged{Playbook: "p", Kind: "kill_switch", State: "due"}, event.Info, "", "Playbook p is about to turn the kill switch on"},
		{event.ActionChanged{Playbook: "p", Kind: "kill_switch", State: "due", DecidedBy: "ada", Reason: "seen"}, event.Info, "", "ada let playbook p turn the kill switch on: seen"},
		{event.ActionChanged{Playbook: "p", Kind: "kill_switch", State: "rejected", DecidedBy: "ada", Reason: "it is us"}, event.Info, "", "ada did not let playbook p turn the kill switch on: it is us"},
		{event.ActionChanged{Playbook: "p", Kind: "quarantine", Target: "v1:0a:00112233445566", State: "done"}, event.Medium, "", "Playbook p did: withhold secret 001122334455"},
		{event.ActionChanged{Playbook: "p", Kind: "quarantine", Target: "v1:0a:00112233445566", State: "undone", DecidedBy: "ada", Reason: "a test"}, event.Info, "",
			"ada undid what playbook p did: withhold secret 001122334455: a test"},
		{event.ActionChanged{Playbook: "p", Kind: "block", Target: "203.0.113.9", State: "failed", Result: "it is ours"}, event.High, "", "Playbook p could not block 203.0.113.9: it is ours"},
		{event.ActionChanged{Playbook: "p", Kind: "notify", State: "expired"}, event.Info, "", "Playbook p asked in vain to notify"},
		{event.ActionChanged{Playbook: "p", Kind: "notify", State: "done", Message: "look at it"}, event.Medium, "", "Playbook p: look at it"},
		{event.BusHealth{Kind: "nats", Detail: "gone"}, event.Medium, "", "Bus (nats) is lost: gone"},
		{event.BusHealth{Kind: "nats", Connected: true}, event.Info, "", "Bus (nats) is connected"},
		{event.SourceStateChanged{SourceID: "chat", State: "catching_up", Position: &at}, event.Info, "", "Source chat is catching up at position 7"},
		{event.GatewayReported{GatewayID: "gate-1", State: "running"}, event.Info, "", "Gossip gateway gate-1 is running"},
		{event.GatewayReported{GatewayID: "gate-1", State: "lost"}, event.Medium, "", "Gossip gateway gate-1 is lost: it does not report any more; nodes that only it joins hear nothing of each other"},
		{event.GatewayBypassed{GatewayID: "gate-1", PeerA: "A", PeerB: "B", Evidence: "seen twice"}, event.High, "", "Bypass of gossip gateway gate-1: A and B reach each other without it, unscanned: seen twice"},
		{event.WithheldChanged{MessageID: "m-1", Blocked: true, Reason: "a customer's name", ChangedBy: "ada"}, event.Medium, "", "ada has gossip gateways withhold message m-1: a customer's name"},
		{event.WithheldChanged{MessageID: "m-1", Reason: "a drill", ChangedBy: "bob"}, event.Info, "", "bob lets gossip gateways pass message m-1: a drill"},
		{event.WorkerBeat{Worker: "notify", State: "failed", Detail: "disk"}, event.Info, "", "Worker notify is failed: disk"},
		{event.WorkerCommand{Worker: "notify", Action: "stop", RequestedBy: "ada"}, event.Info, "", "ada asked system.notify.control to stop"},
	} {
		if got := said(t, tt.severity, tt.subject, tt.payload); got != tt.want {
			t.Errorf("%T: %q, want %q", tt.payload, got, tt.want)
		}
	}
}

func TestAnAlertSaysWhatToDoAlsoWhenNoRuleRecommendsAnything(t *testing.T) {
	e, err := event.New(event.Header{Time: time.Now(), Source: "n/leak", Severity: event.High}, event.MessageQuarantined{Finding: event.Finding{SecretType: "X"}})
	if err != nil {
		t.Fatal(err)
	}
	if n := wording.Of(e); n.Alert == nil || !strings.Contains(n.Alert.Advice, "revoke it") || n.Title != "HIGH: X in " {
		t.Errorf("%+v", n)
	}
	e.Data, e.Subject = []byte("[]"), "odd"
	if n := wording.Of(e); n.Alert != nil || n.Title != "leak.message.quarantined: odd" {
		t.Errorf("a payload that does not decode: %+v", n)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("a\nb\x1b\u202e🟥", 5)
	f.Add("\xff", 1)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		out := wording.Write(s, limit, wording.OneLine)
		if n := len(utf16.Encode([]rune(out))); n > limit {
			t.Errorf("%d characters, more than %d", n, limit)
		}
		if strings.ContainsAny(out, "\n\x1b\u202e\x7f") {
			t.Errorf("%q holds what is not to be seen", out)
		}
	})
}
