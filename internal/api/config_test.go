package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

// setup is a configuration, in memory.
type setup struct {
	c   Configuration
	err error
}

func (s setup) Configuration() (Configuration, error) { return s.c, s.err }

func withSetup(t *testing.T, s Configured) *node {
	return populate(t, newNode(t, func(d *Deps) { d.Configured = s }))
}

func TestTheConfigurationIsShownWithTheLimits(t *testing.T) {
	given := Configuration{File: "/etc/cordon.yaml", YAML: "leak: {}\n", Retention: Retention{Events: 90}, Limits: Limits{RequestsPerSecond: 50, RequestBurst: 200}}
	w := withSetup(t, setup{c: given}).as(t, auth.Admin, "GET", "/api/v1/config", nil)
	c := decode[Configuration](t, w)
	if c.File != given.File || c.YAML != given.YAML || c.Retention != given.Retention {
		t.Errorf("the configuration is %+v", c)
	}
	want := Limits{RequestsPerSecond: 50, RequestBurst: 200, RequestBytes: maxBody, RequestSeconds: 15, PageRows: 500}
	if c.Limits != want {
		t.Errorf("the limits are %+v, want %+v", c.Limits, want)
	}
	if body := w.Body.String(); strings.Contains(body, "null") {
		t.Errorf("an empty list is null: %s", body)
	}
}

func TestTheConfigurationWithoutAServer(t *testing.T) {
	if w := withSetup(t, nil).as(t, auth.Admin, "GET", "/api/v1/config", nil); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "cordon config print") {
		t.Errorf("the answer is %d %s", w.Code, w.Body)
	}
}

func TestAConfigurationThatCannotBeShown(t *testing.T) {
	w := withSetup(t, setup{err: errors.New("disk on fire")}).as(t, auth.Admin, "GET", "/api/v1/config", nil)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "on fire") {
		t.Errorf("the answer is %d %s", w.Code, w.Body)
	}
}

// The page size that the API tells is the one that its lists accept.
func TestThePageSizeIsTheListsOwn(t *testing.T) {
	n := withSetup(t, nil)
	for limit, code := range map[string]int{"500": http.StatusOK, "501": http.StatusUnprocessableEntity} {
		if w := n.as(t, auth.Viewer, "GET", "/api/v1/quarantine?limit="+limit, nil); w.Code != code {
			t.Errorf("limit=%s answers %d, want %d", limit, w.Code, code)
		}
	}
	if maxPageRows != 500 {
		t.Errorf("maxPageRows is %d", maxPageRows)
	}
}
