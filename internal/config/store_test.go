package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStoreURLsThatAreRefused(t *testing.T) {
	for url, want := range map[string]string{
		"cordon.db":                      "no scheme",
		"sqlite:":                        `"sqlite:..." is not supported`,
		"oracle://u:hunter2@db/x":        `"oracle:..." is not supported`,
		"postgres://u:hunter2@db":        "cannot be read",
		"mysql://u:hunter2%@db/x":        "%XX",
		"mysql:u:hunter2@tcp(db:3306)/x": "cannot be read",
	} {
		_, err := Parse([]byte("store: {url: \""+url+"\"}"), env())
		if err == nil || !strings.Contains(err.Error(), "store.url: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error of store.url with %q", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

// The password of a database is used, and never shown.
func TestPrintShowsNoPasswordOfTheDatabase(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(secret, []byte("mysql://u:hunter2@db/x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_STORE_URL", "postgres://u:hunter2@db/x")
	for _, tt := range []struct{ given, url, shown string }{
		{"postgres://u:hunter2@db/x", "postgres://u:hunter2@db/x", "postgres://u:xxxxx@db/x"},
		{"postgres://u@db/x?sslpassword=hunter2", "postgres://u@db/x?sslpassword=hunter2", "sslpassword=xxxxx"},
		{"env:TEST_STORE_URL", "postgres://u:hunter2@db/x", "env:TEST_STORE_URL"},
		{"file:" + secret, "mysql://u:hunter2@db/x", "file:" + secret},
	} {
		c, err := Parse([]byte("store: {url: \""+tt.given+"\"}"), env())
		if err != nil {
			t.Fatal(err)
		}
		if c.Store.URL != tt.url {
			t.Errorf("%s stands for %s, want %s", tt.given, c.Store.URL, tt.url)
		}
		b, err := c.Print()
		if err != nil || strings.Contains(string(b), "hunter2") || !strings.Contains(string(b), tt.shown) {
			t.Errorf("%s is printed as\n%s, %v, want %s", tt.given, b, err, tt.shown)
		}
	}
}

func TestAPasswordInTheFileIsWarnedOf(t *testing.T) {
	const url = "postgres://u:hunter2@db/x"
	inFile, err := Parse([]byte("store: {url: \""+url+"\"}"), env())
	if err != nil || len(inFile.Warnings) != 1 || !strings.Contains(inFile.Warnings[0], "store.url") {
		t.Errorf("in the file: warnings %q, %v", inFile.Warnings, err)
	}
	inEnv, err := Parse(nil, env("DATABASE_URL", url))
	if err != nil || len(inEnv.Warnings) != 0 || inEnv.Store.URL != url {
		t.Errorf("in the environment: warnings %q, %v", inEnv.Warnings, err)
	}
}

func TestAReferenceThatLeadsNowhereNamesItself(t *testing.T) {
	_, err := Parse([]byte("store: {url: \"env:NO_SUCH_VARIABLE_IS_SET\"}"), env())
	if err == nil || !strings.Contains(err.Error(), "store.url") || !strings.Contains(err.Error(), "NO_SUCH_VARIABLE_IS_SET") {
		t.Errorf("error = %v", err)
	}
}

func TestRetention(t *testing.T) {
	c, err := Parse([]byte("store: {retention: {events: 7, findings: 0}}"), env())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ got, want time.Duration }{
		"given":   {Keep(c.Store.Retention.Events, DefaultEventDays), 7 * 24 * time.Hour},
		"forever": {Keep(c.Store.Retention.Findings, DefaultFindingDays), 0},
		"default": {Keep(c.Store.Retention.Quarantine, DefaultQuarantineDays), 365 * 24 * time.Hour},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
	for _, bad := range []string{"{events: -1}", "{quarantine: 1000000}"} {
		if _, err := Parse([]byte("store: {retention: "+bad+"}"), env()); err == nil || !strings.Contains(err.Error(), "store.retention.") {
			t.Errorf("%s: error = %v", bad, err)
		}
	}
}
