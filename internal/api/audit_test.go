package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
)

// journal is a node whose audit log has records 1 to n.
func journal(t *testing.T, records int) *node {
	t.Helper()
	n := populate(t, newNode(t))
	for i := range records {
		by := auth.Principal{Kind: auth.KindUser, Name: []string{"ada", "bob"}[i%2], Role: auth.Admin}.Act(noon(), "user.create", fmt.Sprint("u", i), "why")
		if i%3 == 0 {
			by.Action = "quarantine.review"
		}
		by.Before, by.After = []byte(`{"a":1}`), []byte(`not JSON`)
		if err := n.audit.RecordAudit(t.Context(), by); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func (n *node) auditPage(t *testing.T, query string) (seqs []int64, page AuditPage) {
	t.Helper()
	w := n.as(t, auth.Admin, http.MethodGet, "/api/v1/audit"+query, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	page = decode[AuditPage](t, w)
	for _, r := range page.Items {
		seqs = append(seqs, r.Seq)
	}
	return seqs, page
}

func TestTheAuditLogIsListedNewestFirst(t *testing.T) {
	n := journal(t, 12)
	var all []int64
	query := "?limit=5"
	for {
		seqs, page := n.auditPage(t, query)
		all = append(all, seqs...)
		if page.NextCursor == nil {
			break
		}
		query = "?limit=5&cursor=" + *page.NextCursor
	}
	if want := []int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}; !slices.Equal(all, want) {
		t.Errorf("got %v", all)
	}
	_, page := n.auditPage(t, "?limit=1")
	r := page.Items[0]
	if r.Actor.Name != "bob" || r.Before.(map[string]any)["a"] != 1.0 || r.After != "not JSON" || len(r.Hash) != 64 || r.Reason != "why" {
		t.Errorf("got %+v", r)
	}
}

func TestTheAuditLogIsFiltered(t *testing.T) {
	n := journal(t, 12)
	for query, want := range map[string][]int64{
		"?actor=bob&limit=2":                               {12, 10},
		"?action=quarantine.review":                        {10, 7, 4, 1},
		"?action=quarantine.*&actor=ada":                   {7, 1},
		"?target=u3":                                       {4},
		"?from=2026-03-14T12:00:01Z":                       nil,
		"?to=2026-03-14T12:00:00Z":                         nil,
		"?from=2026-03-14T12:00:00Z&limit=1":               {12},
		"?to=2026-03-14T12:00:01Z&actor=nobody":            nil,
		"?from=2026-03-14T12:00:00Z&target=u0&actor=ada":   {1},
		"?from=2026-03-14T13:00:00%2B02:00&target=u0":      {1},
		"?action=quarantine&from=2026-03-14T12%3A00%3A00Z": nil,
	} {
		if got, _ := n.auditPage(t, query); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	for _, bad := range []string{"?cursor=x", "?cursor=YTE6MA", "?cursor=YTE6LTE", "?from=yesterday", "?limit=0"} {
		if w := n.as(t, auth.Admin, http.MethodGet, "/api/v1/audit"+bad, nil); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s", bad, w.Code, w.Body)
		}
	}
}

func TestTheAuditLogIsVerified(t *testing.T) {
	n := journal(t, 3)
	verify := func(body any) AuditReport {
		t.Helper()
		w := n.as(t, auth.Admin, http.MethodPost, "/api/v1/audit/verify", body)
		if w.Code != http.StatusOK {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
		return decode[AuditReport](t, w)
	}
	wantProblem(t, n.as(t, auth.Admin, http.MethodGet, "/api/v1/audit/checkpoint", nil), http.StatusNotFound, "there is no checkpoint yet")
	made := decode[AuditCheckpoint](t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/audit/checkpoint", nil))
	if last := decode[AuditCheckpoint](t, n.as(t, auth.Admin, http.MethodGet, "/api/v1/audit/checkpoint", nil)); last != made || made.Seq != 4 {
		t.Errorf("made %+v, last %+v", made, last)
	}
	if r := verify(AuditVerifyRequest{Checkpoint: &made}); !r.OK || r.Records != 4 || r.SignedUpTo != 4 || len(r.NotProved) != 1 {
		t.Errorf("got %+v", r)
	}
	if r := verify(AuditVerifyRequest{}); !r.OK || r.Records != 5 || len(r.NotProved) != 2 {
		t.Errorf("the verification is not recorded, or what is unsigned not named: %+v", r)
	}
	n.audit.Records[1].Reason = "another"
	r := verify(AuditVerifyRequest{Checkpoint: &made})
	if r.OK || len(r.Problems) != 1 || r.Problems[0] != (AuditProblem{2, audit.Changed, "audit record 2 was changed: its hash does not fit its content"}) {
		t.Errorf("got %+v", r)
	}
	wantProblem(t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/audit/verify", `{"checkpoint":{"seq":0}}`), http.StatusUnprocessableEntity, "checkpoint")
}

func TestATamperedLogIsNotSigned(t *testing.T) {
	n := journal(t, 3)
	n.audit.Records[1].Reason = "another"
	wantProblem(t, n.as(t, auth.Admin, http.MethodPost, "/api/v1/audit/checkpoint", nil), http.StatusConflict, "tampered")
}

func TestOneVerificationAtATime(t *testing.T) {
	n := journal(t, 1)
	n.verifying.Lock()
	defer n.verifying.Unlock()
	w := n.as(t, auth.Admin, http.MethodPost, "/api/v1/audit/verify", AuditVerifyRequest{})
	wantProblem(t, w, http.StatusConflict, "under way")
	if w.Header().Get("Retry-After") == "" {
		t.Error("without Retry-After")
	}
}

// A cursor is either ours, and then means one place, or refused.
func FuzzAuditCursor(f *testing.F) {
	f.Add("YTE6MTI")
	f.Add("YTE6MDEy")
	f.Fuzz(func(t *testing.T, cursor string) {
		seq, err := numberOf(auditList, cursor)
		if err == nil && cursor != "" && seq < 1 {
			t.Errorf("%q means %d", cursor, seq)
		}
	})
}
