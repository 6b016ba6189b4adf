package api

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// cell is an in-memory store of what clients did: one of each, except sessions.
type cell struct {
	looks []audit.Entry
	asked any
}

func (c *cell) Logs(_ context.Context, f capture.LogFilter, _ string, _ int) ([]capture.Log, error) {
	c.asked = f
	return []capture.Log{{ID: rowID(1), Timestamp: noon(), Decky: "web-1", Service: "ssh", EventType: "command", AttackerIP: "203.0.113.9", Session: rowID(9), Number: 4, Summary: "uname -a", HasMore: true}}, nil
}

func (c *cell) Sessions(_ context.Context, f capture.SessionFilter, before string, limit int) (out []capture.Session, _ error) {
	c.asked = f
	for i := 3; i > 0; i-- {
		if id := rowID(i); (before == "" || id < before) && len(out) < limit {
			out = append(out, capture.Session{ID: id, Decky: "web-1", Service: "ssh", AttackerIP: "203.0.113.9", StartedAt: noon(), SeenAt: noon(), Transcript: 100})
		}
	}
	return out, nil
}

func (c *cell) Session(_ context.Context, id string) (capture.Session, error) {
	if id != rowID(1) {
		return capture.Session{}, capture.ErrNotFound
	}
	return capture.Session{ID: id, Decky: "web-1", StartedAt: noon(), SeenAt: noon()}, nil
}

func (c *cell) artifact() capture.Artifact {
	return capture.Artifact{ID: rowID(5), Timestamp: noon(), Decky: "web-1", Service: "ssh", Kind: "upload", Path: "/tmp/x", SHA256: strings.Repeat("ab", 32), Day: "2026-03-14", Size: 4, Kept: 4}
}

func (c *cell) Artifacts(_ context.Context, f capture.ArtifactFilter, _ string, _ int) ([]capture.Artifact, error) {
	c.asked = f
	return []capture.Artifact{c.artifact()}, nil
}

func (c *cell) FindArtifact(_ context.Context, decky, kind, storedAs string) (capture.Artifact, error) {
	if a := c.artifact(); decky == a.Decky && kind == a.Service && storedAs == a.StoredAs() {
		return a, nil
	}
	return capture.Artifact{}, capture.ErrNotFound
}

func (c *cell) Credentials(_ context.Context, f capture.CredentialFilter, _ string, _ int) ([]capture.Credential, error) {
	c.asked = f
	return []capture.Credential{c.credential()}, nil
}

func (c *cell) credential() capture.Credential {
	return capture.Credential{ID: rowID(6), Kind: "plaintext", Principal: "root", Fingerprint: "v1:k:f", Decky: "web-1", Service: "ssh", Attempts: 2, FirstSeen: noon(), LastSeen: noon(), HasSecret: true}
}

func (c *cell) Credential(_ context.Context, id string) (capture.Credential, error) {
	if id != rowID(6) {
		return capture.Credential{}, capture.ErrNotFound
	}
	return c.credential(), nil
}

func (c *cell) RevealLog(_ context.Context, id string, by audit.Entry) (capture.Evidence, error) {
	c.looks = append(c.looks, by)
	return capture.Evidence{Fields: []capture.EvidenceField{{Name: "line", Value: []byte("echo \x1b[31m\xff")}}, Raw: []byte{0, 1}}, nil
}

func (c *cell) Reveal(_ context.Context, id string, by audit.Entry) (capture.Revealed, error) {
	if id == rowID(7) {
		return capture.Revealed{}, capture.ErrNoSecret
	}
	c.looks = append(c.looks, by)
	return capture.Revealed{Principal: redact.NewSecret("root"), Secret: redact.NewSecret("toor\xff")}, nil
}

func (c *cell) RevealArtifact(_ context.Context, id string, by audit.Entry) (capture.Artifact, []byte, error) {
	c.looks = append(c.looks, by)
	return c.artifact(), []byte("\x7fELF"), nil
}

func (c *cell) Transcript(_ context.Context, decky, id string, offset int64, limit int, by audit.Entry) (capture.Transcript, error) {
	if decky != "web-1" {
		return capture.Transcript{}, capture.ErrNotFound
	}
	c.looks = append(c.looks, by)
	return capture.Transcript{Lines: []string{`{"version":2}`, `[0.5,"o","$ "]`}, Next: 40, Total: 100}, nil
}

func (c *cell) one() attacker.Attacker {
	a := netip.MustParseAddr("203.0.113.9")
	return attacker.Attacker{ID: event.AttackerID(a), Address: a, FirstSeen: noon(), LastSeen: noon(), Days: 1, Sessions: 2, Services: 2, Interacted: 1, Logins: 2, Claims: 2, Acts: map[string]int{"command": 3}, Score: 30}
}

func (c *cell) Attackers(_ context.Context, f attacker.Filter, before string, _ int) ([]attacker.Attacker, string, error) {
	c.asked = f
	if before != "" {
		return nil, "", nil
	}
	return []attacker.Attacker{c.one()}, "30_" + rowID(1), nil
}

func (c *cell) Attacker(_ context.Context, id string) (attacker.Attacker, error) {
	if a := c.one(); a.ID == id {
		return a, nil
	}
	return attacker.Attacker{}, attacker.ErrNotFound
}

func (c *cell) Services(context.Context, string) ([]attacker.Place, error) {
	return []attacker.Place{{Service: "ssh", Events: 9, Interactions: 3, FirstSeen: noon(), LastSeen: noon()}, {Service: "redis", Events: 1, FirstSeen: noon(), LastSeen: noon()}}, nil
}

func (c *cell) Traversal(context.Context, string, int) (attacker.Way, error) {
	left := noon().Add(time.Minute)
	hops := []attacker.Hop{{Decky: "web-1", Services: []string{"ssh"}, Sessions: []string{rowID(1)}, EnteredAt: noon(), LeftAt: &left}, {Decky: "db-1", EnteredAt: left}}
	return attacker.Way{Hops: hops, Mutations: []attacker.Mutation{{Decky: "web-1", At: left, Trigger: "operator", OldServices: []string{"ssh:22"}, NewServices: []string{"ssh:22", "ftp:21"}}}}, nil
}

func (c *cell) Leaks(context.Context, string) (attacker.Leaks, error) {
	return attacker.Leaks{Sample: []attacker.Leak{{Address: "198.51.100.4", Header: "X-Forwarded-For", FirstSeen: noon(), LastSeen: noon(), Times: 1}}, Total: 21, Rotation: true}, nil
}

func (c *cell) Reuse(_ context.Context, f attacker.ReuseFilter, _ string, _ int) ([]attacker.Reuse, string, error) {
	c.asked = f
	return []attacker.Reuse{{ID: rowID(8), Fingerprint: "v1:k:f", Kind: "plaintext", Targets: 2, Addresses: 1, FirstSeen: noon(), LastSeen: noon()}}, "", nil
}

func (c *cell) ReusedSecret(_ context.Context, id string, _ int) (attacker.Reuse, attacker.ReusePlaces, error) {
	if id != rowID(8) {
		return attacker.Reuse{}, attacker.ReusePlaces{}, attacker.ErrNotFound
	}
	return attacker.Reuse{ID: id}, attacker.ReusePlaces{Targets: []attacker.Target{{Decky: "web-1", Service: "ssh"}}, Addresses: []string{"203.0.113.9"}}, nil
}

func TestListsOfEvidenceAreFiltered(t *testing.T) {
	n, f := withFleet(t)
	for _, c := range []struct {
		path  string
		asked any
	}{
		{"/logs?decky=web-1&service=ssh&event_type=command&attacker_ip=203.0.113.9&session=" + rowID(9), capture.LogFilter{Decky: "web-1", Service: "ssh", EventType: "command", AttackerIP: "203.0.113.9", Session: rowID(9)}},
		{"/sessions?decky=web-1&service=ssh&attacker_ip=203.0.113.9&recorded=true", capture.SessionFilter{Decky: "web-1", Service: "ssh", AttackerIP: "203.0.113.9", Recorded: true}},
		{"/artifacts?sha256=ABCD&decky=web-1&service=ftp&attacker_ip=203.0.113.9", capture.ArtifactFilter{SHA256: "abcd", Decky: "web-1", Service: "ftp", AttackerIP: "203.0.113.9"}},
		{"/credentials?kind=plaintext&fingerprint=v1:k:f&decky=web-1&service=ssh&attacker_ip=203.0.113.9", capture.CredentialFilter{Kind: "plaintext", Fingerprint: "v1:k:f", Decky: "web-1", Service: "ssh", AttackerIP: "203.0.113.9"}},
		{"/attackers?order=score&min_score=25", attacker.Filter{Order: attacker.ByScore, MinScore: 25}},
		{"/credential-reuse?min_targets=2", attacker.ReuseFilter{MinTargets: 2}},
	} {
		if w := n.as(t, auth.Viewer, "GET", "/api/v1"+c.path, nil); w.Code != 200 || f.cell.asked != c.asked {
			t.Errorf("%s: %d %s; asked for %+v", c.path, w.Code, w.Body, f.cell.asked)
		}
	}
}

func TestSessionsArePaged(t *testing.T) {
	n, _ := withFleet(t)
	var got []string
	for next := ""; ; {
		var page DeckySessionPage
		n.getJSON(t, "/api/v1/sessions?limit=2"+next, &page)
		for _, v := range page.Items {
			got = append(got, v.ID)
		}
		if page.NextCursor == nil {
			break
		}
		next = "&cursor=" + *page.NextCursor
	}
	if !slices.Equal(got, []string{rowID(3), rowID(2), rowID(1)}) {
		t.Errorf("sessions %v", got)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/sessions/"+rowID(2), nil), 404, "not on record")
}

func TestALogSaysHowMuchItIsWorthALook(t *testing.T) {
	n, _ := withFleet(t)
	var page DeckyLogPage
	n.getJSON(t, "/api/v1/logs", &page)
	if len(page.Items) != 1 || page.Items[0].Severity != "low" {
		t.Errorf("a command is %+v", page.Items)
	}
	if l := logOut(capture.Log{EventType: "connected"}); l.Severity != "info" {
		t.Errorf("a connection is %q", l.Severity)
	}
}

func TestACredentialIsShownWithoutItsSecret(t *testing.T) {
	n, f := withFleet(t)
	var one Credential
	n.getJSON(t, "/api/v1/credentials/"+strings.ToUpper(rowID(6)), &one)
	if one.ID != rowID(6) || one.Principal != "root" || !one.HasSecret || len(f.looks) != 0 {
		t.Errorf("%+v, %d looks in the audit log", one, len(f.looks))
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/credentials/"+rowID(7), nil), 404, "not on record")
}

// Evidence is shown to administrators only, and each look is in the audit log.
func TestLooksAtEvidenceAreAudited(t *testing.T) {
	n, f := withFleet(t)
	log := decode[LogEvidence](t, n.as(t, auth.Admin, "POST", "/api/v1/logs/"+rowID(1)+"/reveal", RevealRequest{Reason: "case 7"}))
	if log.Fields[0].Value != "echo \uFFFD[31m\uFFFD" || log.Fields[0].Base64 != "ZWNobyAbWzMxbf8=" || log.Raw != "AAE=" {
		t.Errorf("a log shows %+v", log)
	}
	secret := decode[CredentialSecret](t, n.as(t, auth.Admin, "POST", "/api/v1/credentials/"+rowID(6)+"/reveal", RevealRequest{}))
	if secret.Secret != "toor\uFFFD" || secret.SecretBase64 != "dG9vcv8=" || secret.Principal != "root" {
		t.Errorf("a credential shows %+v", secret)
	}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/credentials/"+rowID(7)+"/reveal", RevealRequest{}), 409, "the leak sensor knows it")
	script := decode[Transcript](t, n.as(t, auth.Admin, "GET", "/api/v1/transcripts/web-1/"+rowID(1)+"?offset=0", nil))
	if len(script.Lines) != 2 || script.Next != 40 || script.Total != 100 {
		t.Errorf("a transcript is %+v", script)
	}
	wantProblem(t, n.as(t, auth.Admin, "GET", "/api/v1/transcripts/other/"+rowID(1), nil), 404, "decky other")
	file := n.as(t, auth.Admin, "GET", "/api/v1/artifacts/web-1/ssh/2026-03-14_"+strings.Repeat("ab", 32)+"?reason=lab", nil)
	if file.Code != 200 || file.Body.String() != "\x7fELF" || file.Header().Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment;") || file.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a file: %d %v %q", file.Code, file.Header(), file.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "GET", "/api/v1/artifacts/web-1/ssh/nothing", nil), 404, "not on record")
	var did []string
	for _, by := range f.looks {
		did = append(did, by.Action+" by "+by.Actor.Name+": "+by.Reason)
	}
	want := []string{"evidence.log by key-admin: case 7", "evidence.credential by key-admin: ", "evidence.transcript by key-admin: ", "evidence.artifact by key-admin: lab"}
	if !slices.Equal(did, want) {
		t.Errorf("audited %q", did)
	}
}

func TestAnAttackerIsFoundByAddressAndExplained(t *testing.T) {
	n, _ := withFleet(t)
	var list AttackerPage
	n.getJSON(t, "/api/v1/attackers?order=score", &list)
	if len(list.Items) != 1 || list.NextCursor == nil {
		t.Fatalf("list %+v", list)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/attackers?cursor="+*list.NextCursor, nil), 422, "next_cursor of this list")
	n.getJSON(t, "/api/v1/attackers?order=score&cursor="+*list.NextCursor, &list)
	if len(list.Items) != 0 || list.NextCursor != nil {
		t.Errorf("second page %+v", list)
	}
	var byAddress, byID AttackerDetail
	n.getJSON(t, "/api/v1/attackers/203.0.113.9", &byAddress)
	n.getJSON(t, "/api/v1/attackers/"+byAddress.ID, &byID)
	if byID.Address != "203.0.113.9" || len(byID.Terms) == 0 || len(byID.Scanned) != 1 || len(byID.InteractedWith) != 1 || byID.IPLeaksTotal != 21 || !byID.Rotation {
		t.Errorf("detail %+v", byID)
	}
	var way Traversal
	n.getJSON(t, "/api/v1/attackers/203.0.113.9/traversal", &way)
	if len(way.Hops) != 2 || way.Hops[0].LeftAt == nil || way.Hops[1].LeftAt != nil || len(way.Mutations) != 1 || len(way.Mutations[0].NewServices) != 2 {
		t.Errorf("way %+v", way)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/attackers/192.0.2.1", nil), 404, "no attacker 192.0.2.1")
	var reuse ReuseDetail
	n.getJSON(t, "/api/v1/credential-reuse/"+rowID(8), &reuse)
	if len(reuse.Places) != 1 || len(reuse.From) != 1 {
		t.Errorf("reuse %+v", reuse)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/credential-reuse/"+rowID(1), nil), 404, "no reuse")
}
