package api

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/deception"
)

// fleet is an in-memory store of deckies.
type fleet struct {
	cell
	rows  []deception.Row
	audit []audit.Entry
	asked deception.Filter
}

func (f *fleet) ListDeckies(_ context.Context, filter deception.Filter, after string, limit int) (out []deception.Row, _ error) {
	f.asked = filter
	for _, r := range f.rows {
		if r.ID > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f *fleet) find(node, name string) int {
	return slices.IndexFunc(f.rows, func(r deception.Row) bool { return r.Node == node && r.Name == name })
}

func (f *fleet) Decky(_ context.Context, node, name string) (deception.Row, error) {
	if i := f.find(node, name); i >= 0 {
		return f.rows[i], nil
	}
	return deception.Row{}, deception.ErrNotFound
}

func (f *fleet) AddDecky(_ context.Context, node string, s deception.Spec, by audit.Entry) error {
	if f.find(node, s.Name) >= 0 {
		return deception.ErrExists
	}
	f.audit = append(f.audit, by)
	f.rows = append(f.rows, deception.Row{ID: rowID(len(f.rows) + 1), Node: node, AddedBy: by.Actor.Name, HeardAt: noon(), Status: deception.Status{
		Name: s.Name, Archetype: s.Archetype, Address: s.Address, State: deception.Stopped, Since: noon(),
	}})
	return nil
}

func (f *fleet) RemoveDecky(_ context.Context, node, name string, by audit.Entry) error {
	i := f.find(node, name)
	switch {
	case i < 0:
		return deception.ErrNotFound
	case f.rows[i].Configured:
		return deception.ErrConfigured
	}
	f.audit, f.rows = append(f.audit, by), slices.Delete(f.rows, i, i+1)
	return nil
}

func (f *fleet) MutateDecky(_ context.Context, node, name string, by audit.Entry) error {
	i := f.find(node, name)
	switch {
	case i < 0:
		return deception.ErrNotFound
	case f.rows[i].Mutating:
		return deception.ErrMutating
	}
	f.audit, f.rows[i].Mutating = append(f.audit, by), true
	return nil
}

// withFleet is a node with three deckies, the last of another node.
func withFleet(t *testing.T) (*node, *fleet) {
	f := &fleet{}
	for i, name := range []string{"web-1", "db-1", "web-1"} {
		f.rows = append(f.rows, deception.Row{ID: rowID(i + 1), Node: []string{"node-1", "node-1", "node-2"}[i], Configured: i != 1, HeardAt: noon(), Status: deception.Status{
			Name: name, Archetype: "web-server", Hostname: "portal07", Distro: "Debian GNU/Linux 12 (bookworm)", Address: "192.0.2.10", State: deception.Running, Since: noon(),
			Services: []deception.ServiceStatus{{Kind: "ssh", Port: 22, Listening: true, Sessions: 3}},
		}})
	}
	check := func(all []deception.Spec) error {
		if all[0].Services[0].Kind != "ssh" {
			return errors.New(`decky "x": services[0].kind: "gopher" is not one of [ssh]`)
		}
		return nil
	}
	return populate(t, newNode(t, func(d *Deps) {
		d.Deception = &Deception{Deckies: f, Evidence: &f.cell, Caught: &f.cell, Reveal: &f.cell, Attackers: &f.cell, Trails: &f.cell, Node: "node-1", Check: check}
	})), f
}

func TestListsDeckies(t *testing.T) {
	n, f := withFleet(t)
	var page DeckyPage
	n.getJSON(t, "/api/v1/deckies?limit=2", &page)
	if len(page.Items) != 2 || page.NextCursor == nil || page.Items[0].Services[0].Sessions != 3 || !page.Items[0].Configured {
		t.Fatalf("page %+v", page)
	}
	n.getJSON(t, "/api/v1/deckies?limit=2&cursor="+*page.NextCursor, &page)
	if len(page.Items) != 1 || page.NextCursor != nil || page.Items[0].Node != "node-2" {
		t.Errorf("second page %+v", page)
	}
	n.getJSON(t, "/api/v1/deckies?node=node-2&state=failed", &page)
	if f.asked != (deception.Filter{Node: "node-2", State: deception.Failed}) {
		t.Errorf("asked for %+v", f.asked)
	}
	var one Decky
	n.getJSON(t, "/api/v1/deckies/web-1?node=node-2", &one)
	if one.ID != rowID(3) {
		t.Errorf("one of another node is %+v", one)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/deckies/nobody", nil), 404, "node-1 has no decky nobody")
}

func TestMutatesDeckies(t *testing.T) {
	n, f := withFleet(t)
	f.rows[2].MutatedAt, f.rows[2].NextMutation, f.rows[2].MutateEvery, f.rows[2].Generation = noon(), noon().Add(time.Hour), time.Hour, 2
	w := n.as(t, auth.Responder, "POST", "/api/v1/deckies/web-1/mutate?node=node-2", MutateRequest{Reason: "it was seen through"})
	got := decode[Decky](t, w)
	if w.Code != 202 || !got.Mutating || got.Generation != 2 || got.MutateEvery != 3600 || got.LastMutated == nil || got.NextMutation == nil {
		t.Errorf("mutated: %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/deckies/web-1/mutate?node=node-2", MutateRequest{}), 409, "to mutate already")
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/deckies/nobody/mutate", MutateRequest{}), 404, "no decky nobody")
	if len(f.audit) != 1 || f.audit[0].Action != "decky.mutate" || f.audit[0].Reason != "it was seen through" {
		t.Errorf("audit %+v", f.audit)
	}
	var one Decky
	n.getJSON(t, "/api/v1/deckies/db-1", &one)
	if one.LastMutated != nil || one.NextMutation != nil || one.Mutating {
		t.Errorf("one that never mutated is %+v", one)
	}
}

func TestAddsAndRemovesDeckies(t *testing.T) {
	n, f := withFleet(t)
	add := func(name, kind string) NewDecky {
		return NewDecky{Name: name, Archetype: "web-server", Address: "127.0.0.1", Reason: "a trap", Services: []NewDeckyService{{Kind: kind, Port: 2222, Config: map[string]any{"methods": "password"}}}}
	}
	w := n.as(t, auth.Admin, "POST", "/api/v1/deckies", add("trap", "ssh"))
	if got := decode[Decky](t, w); w.Code != 201 || got.Name != "trap" || got.AddedBy != "key-admin" || got.State != "stopped" {
		t.Errorf("added: %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/deckies", add("trap", "ssh")), 409, "there already")
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/deckies", add("x", "gopher")), 422, "gopher")
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/deckies", add("a b", "ssh")), 422, "")
	wantProblem(t, n.as(t, auth.Admin, "DELETE", "/api/v1/deckies/web-1", nil), 409, "comes from the configuration")
	if w := n.as(t, auth.Admin, "DELETE", "/api/v1/deckies/trap?reason=enough", nil); w.Code != 204 {
		t.Errorf("removed: %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "DELETE", "/api/v1/deckies/trap", nil), 404, "no decky trap")
	if len(f.audit) != 2 || f.audit[0].Action != "decky.add" || f.audit[0].Reason != "a trap" || f.audit[1].Reason != "enough" {
		t.Errorf("audit %+v", f.audit)
	}
}

func TestWithoutTheSensorNobodyIsPromisedADecky(t *testing.T) {
	n := populate(t, newNode(t))
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/deckies", nil), 409, "no deception sensor")
	off := populate(t, newNode(t, func(d *Deps) { d.Deception = &Deception{Deckies: &fleet{}, Node: "node-1"} }))
	var page DeckyPage
	off.getJSON(t, "/api/v1/deckies", &page)
	wantProblem(t, off.as(t, auth.Admin, "POST", "/api/v1/deckies", NewDecky{Name: "a", Archetype: "web-server", Address: "127.0.0.1", Services: []NewDeckyService{{Kind: "ssh"}}}), 409, "section deception")
}
