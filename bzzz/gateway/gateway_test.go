package gateway_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/gateway"
	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/relay"
	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/gateway/settings"
	"go.cordon.dev/cordon/bzzz/gateway/withheld"
	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/detect/fingerprint"
)

// The sender is told by a message that the gateway signed; nobody else can.
func TestTheSenderIsTold(t *testing.T) {
	r := start(t, load(t, eventsFile(t)), nil)
	a, b := pair(t, r)
	const notices = "cordon/notices/gate-1/v1"
	a.subscribe(notices)
	b.subscribe(notices)
	s := secret(t)
	gate := r.addresses["a"][strings.LastIndex(r.addresses["a"], "/")+1:]
	b.publish(notices, message("a forged notice"))
	await(t, "a notice", func() bool {
		a.publish(topicName, message("use "+s))
		return a.find(relay.NoticeType) != nil
	})
	m := a.find(relay.NoticeType)
	if m.GetFrom().String() != gate || strings.Contains(string(m.Data), s[4:12]) {
		t.Errorf("signed by %s, not by %s: %s", m.GetFrom(), gate, m.Data)
	}
	msg, err := bzzzlog.ParseMessage(m.Data, bzzzlog.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var n relay.Notice
	if err := json.Unmarshal(msg.Data, &n); err != nil {
		t.Fatal(err)
	}
	if n.Sender != a.host.ID().String() || n.Topic != topicName || n.Reason != judge.ReasonSecret || n.Gateway != "gate-1" ||
		!slices.Equal(n.Rules, []string{"github-pat"}) || n.MessageTimestamp != "2026-03-14T14:32:07Z" || !strings.HasPrefix(n.MessageID, n.Sender+"-") {
		t.Errorf("the notice says %+v", n)
	}
	if a.find("a forged notice") != nil || b.find(s) != nil {
		t.Error("a forged notice, or the secret, passed")
	}
}

// A decision that takes too long withholds, and others go on.
func TestADecisionThatHangs(t *testing.T) {
	events, end := eventsFile(t), make(chan struct{})
	s := load(t, events)
	s.ScanTimeout = "300ms"
	r := start(t, s, func(m judge.Message) {
		if strings.Contains(string(m.Data), "hang") {
			<-end
		}
	})
	defer close(end)
	a, b := pair(t, r)
	a.publish(topicName, message("hang"))
	await(t, "its report", func() bool {
		return slices.ContainsFunc(lines(t, events), func(l report.Line) bool { return l.Verdict == judge.NotScanned && l.Reason == judge.ReasonTimeout })
	})
	a.publish(topicName, message("behind it"))
	await(t, "what came behind", func() bool { return b.find("behind it") != nil })
	if b.find("hang") != nil {
		t.Error("it arrived")
	}
}

// A message for which there is no room is withheld, and counted.
func TestAFullQueue(t *testing.T) {
	cordon := newCordon(t)
	s := load(t, cordon.URL)
	s.Queue, s.ScanTimeout = 8, "1m"
	end := make(chan struct{})
	r := start(t, s, func(m judge.Message) {
		if strings.Contains(string(m.Data), "flood") {
			<-end
		}
	})
	a, b := pair(t, r)
	flood := 0
	await(t, "drops", func() bool { // on a busy machine the node itself loses most of a wave
		for range 200 {
			a.publish(topicName, message("flood"))
			flood++
		}
		return cordon.state().Dropped > 0
	})
	close(end)
	await(t, "the network to go on", func() bool {
		a.publish(topicName, message("behind it"))
		return b.find("behind it") != nil
	})
	arrived := 0
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range b.got {
		if strings.Contains(string(m.Data), "flood") {
			arrived++
		}
	}
	if arrived >= flood {
		t.Errorf("all %d arrived, though there was no room", arrived)
	}
}

// Two peers that are joined past the gateway betray it with what it withholds.
func TestABypassIsSeen(t *testing.T) {
	cordon := newCordon(t)
	r := start(t, load(t, cordon.URL), nil)
	a, b := pair(t, r)
	if len(cordon.topic("leak.gateway.gate-1.bypass")) != 0 {
		t.Error("a bypass was seen where there is none")
	}
	a.connect(b.address())
	await(t, "a warning", func() bool {
		a.publish(topicName, message("use "+secret(t)))
		return len(cordon.topic("leak.gateway.gate-1.bypass")) > 0
	})
	e := cordon.topic("leak.gateway.gate-1.bypass")[0]
	var p report.Bypass
	if err := json.Unmarshal(e.Data, &p); err != nil {
		t.Fatal(err)
	}
	if p.PeerA != a.host.ID().String() || p.PeerB != b.host.ID().String() || p.Topic != topicName || p.MessageID == "" || p.Evidence == "" || e.Severity != "high" {
		t.Errorf("severity %s, %+v", e.Severity, p)
	}
}

// Two nodes of one side may be joined as they like.
func TestNeighboursOfOneSideAreNoBypass(t *testing.T) {
	cordon := newCordon(t)
	r := start(t, load(t, cordon.URL), nil)
	a, b := pair(t, r)
	c := newNode(t, r.addresses["a"], a.address())
	c.subscribe(topicName)
	await(t, "the secret to reach the neighbour", func() bool {
		a.publish(topicName, message("use "+secret(t)))
		return c.find("use gh") != nil
	})
	a.publish(topicName, message("behind it"))
	await(t, "what came behind", func() bool { return b.find("behind it") != nil })
	if got := cordon.topic("leak.gateway.gate-1.bypass"); len(got) != 0 || b.find("use gh") != nil {
		t.Errorf("bypasses: %+v", got)
	}
}

// Topics are followed as nodes subscribe; one whose name is a secret is not.
func TestTopicsAreFollowed(t *testing.T) {
	cordon := newCordon(t)
	r := start(t, load(t, cordon.URL), nil)
	a, b := pair(t, r)
	named := "bzzz/" + secret(t)
	a.subscribe(named)
	meet(t, "bzzz/task/1", a, b)
	await(t, "a state with the topic", func() bool {
		return slices.ContainsFunc(cordon.state().Topics, func(t report.Topic) bool { return t.Name == "bzzz/task/1" && t.PeersA == 1 && t.PeersB == 1 })
	})
	s := cordon.state()
	if s.TopicsTotal != 2 || s.Dropped == 0 || s.PeersTotal != 2 || len(s.Listeners) != 2 || s.State != "running" {
		t.Errorf("the state says %+v", s)
	}
}

// What was quarantined elsewhere does not pass, also while the server is away.
func TestWhatTheServerQuarantined(t *testing.T) {
	cordon := newCordon(t)
	s := load(t, cordon.URL, "--fingerprint-key", "env:ANY")
	key, err := fingerprint.Parse(strings.Repeat("ab", 32))
	if err != nil {
		t.Fatal(err)
	}
	const word = "xk-plain-words-of-the-server" // no rule finds it
	cordon.feed(withheld.Item{Kind: withheld.KindFingerprint, Value: key.Secret([]byte(word)), Blocked: true})
	r := start(t, s, nil)
	a, b := pair(t, r)
	await(t, "a quarantine event", func() bool {
		a.publish(topicName, message("it is "+word))
		return len(cordon.topic("leak.message.quarantined")) > 0
	})
	r.stop()
	cordon.Close()
	r = start(t, s, nil)
	c, d := pair(t, r)
	before := 0
	for range 3 {
		c.publish(topicName, message("again "+word))
		before++
	}
	c.publish(topicName, message("behind it"))
	await(t, "what came behind", func() bool { return d.find("behind it") != nil })
	if d.find(word) != nil || b.find("again "+word) != nil {
		t.Error("it passed")
	}
	r.stop()
	left, err := filepath.Glob(filepath.Join(s.Data, "spool", "*.events"))
	if err != nil || len(left) == 0 {
		t.Errorf("nothing waits for the server: %v, %v", left, err)
	}
	for _, name := range left {
		if text, err := os.ReadFile(name); err != nil || strings.Contains(string(text), word) {
			t.Errorf("the spool holds the secret, or cannot be read: %v", err)
		}
	}
}

// cordon is a server that takes events and has a feed.
type cordon struct {
	*httptest.Server
	mu     sync.Mutex
	events []report.Event
	items  []withheld.Item
}

func newCordon(t *testing.T) *cordon {
	c := &cordon{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/events", c.take)
	mux.HandleFunc("GET /api/v1/gossip/withheld", c.give)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func (c *cordon) take(w http.ResponseWriter, r *http.Request) {
	var body struct{ Events []report.Event }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, body.Events...)
	w.WriteHeader(http.StatusAccepted)
}

func (c *cordon) feed(i withheld.Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i.Cursor = "1"
	c.items = append(c.items, i)
}

func (c *cordon) give(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	page := report.Page{Items: []withheld.Item{}, NextCursor: "1"}
	if r.URL.Query().Get("after") == "" {
		page.Items = append(page.Items, c.items...)
	}
	_ = json.NewEncoder(w).Encode(page) // the gateway sees what is missing
}

func (c *cordon) topic(name string) (out []report.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if e.Topic == name {
			out = append(out, e)
		}
	}
	return out
}

// state is the last one the server heard.
func (c *cordon) state() (s report.State) {
	if all := c.topic("leak.gateway.gate-1.state"); len(all) > 0 {
		_ = json.Unmarshal(all[len(all)-1].Data, &s) // zero: nothing was heard
	}
	return s
}

// One peer too many is turned away; the others stay.
func TestOnePeerTooMany(t *testing.T) {
	s := load(t, eventsFile(t))
	s.MaxPeers = 2
	r := start(t, s, nil)
	a, b := pair(t, r)
	c := newNode(t)
	if info, err := peer.AddrInfoFromString(r.addresses["a"]); err != nil {
		t.Fatal(err)
	} else if err := c.host.Connect(t.Context(), *info); err == nil {
		await(t, "the third to be turned away", func() bool { return len(c.host.Network().Conns()) == 0 })
	}
	a.publish(topicName, message("behind it"))
	await(t, "what came behind", func() bool { return b.find("behind it") != nil })
}

// Nodes know the gateway again after a restart, and its key is nobody else's to read.
func TestTheGatewayKeepsItsKey(t *testing.T) {
	s := load(t, eventsFile(t))
	var ids []string
	for range 2 {
		r := start(t, s, nil)
		ids = append(ids, r.addresses["a"][strings.LastIndex(r.addresses["a"], "/"):])
		r.stop()
	}
	info, err := os.Stat(filepath.Join(s.Data, "identity.key"))
	if err != nil || info.Mode().Perm() != 0o600 || ids[0] != ids[1] {
		t.Errorf("%v, %v: %v", ids, err, info.Mode())
	}
}

// What cannot be opened is said, and nothing listens.
func TestWhatCannotStartSaysSo(t *testing.T) {
	for name, change := range map[string]func(*settings.Settings){
		"a port in use":      func(s *settings.Settings) { s.ListenB = s.ListenA },
		"a key that is none": func(s *settings.Settings) { s.FingerprintKey = "file:/does/not/exist" },
		"no place to report": func(s *settings.Settings) { s.Events = "/does/not/exist/events" },
		"no data folder":     func(s *settings.Settings) { s.Data = "/dev/null/state" },
	} {
		s := load(t, eventsFile(t))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.ListenA = fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", l.Addr().(*net.TCPAddr).Port)
		if name != "a port in use" {
			s.ListenA = "/ip4/127.0.0.1/tcp/0"
		}
		change(&s)
		err = gateway.Run(t.Context(), gateway.Deps{Settings: s, Getenv: func(string) string { return "" }, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			t.Errorf("%s: it ran", name)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
