package store

import (
	"net/url"
	"strings"
	"testing"
)

// Whatever stands in a store URL, what is shown of it has no password.
func FuzzStoreURL(f *testing.F) {
	for _, seed := range []string{
		"postgres://u:hunter2%s@db:5432/x?sslmode=require", "postgresql://%s@[::1]/x", "mysql://u:%s@db/x?tls=true", "mariadb://u@db/%s",
		"postgres://u@db/x?password=hunter2%s", "mysql://u@localhost/x?socket=/run/%s", "postgres:///x?host=/run/%s",
	} {
		f.Add(strings.ReplaceAll(seed, "%s", ""))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "sqlite:") { // makes files
			return
		}
		p, _, err := findPlace(text)
		if err != nil {
			return
		}
		if secret := password(text); len(secret) > 5 && strings.Count(text, secret) == 1 && strings.Contains(p.String(), secret) {
			t.Errorf("%q is shown as %q", text, p)
		}
		db, err := p.connect(writer)
		if err != nil {
			return
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing a pool that was not used: %v", err)
		}
	})
}

func password(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return ""
	}
	secret, _ := u.User.Password()
	return secret
}

// A URL is read as its parts say, whatever they are escaped as.
func TestStoreURLs(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://ada:a%40b@db.example:6432/cordon?sslmode=disable": "postgres://ada@db.example:6432/cordon",
		"postgresql://ada:secret@db.example/cordon?sslmode=disable":   "postgres://ada@db.example:5432/cordon",
		"mysql://ada:a%40b@db.example/cordon":                         "mysql://ada@db.example:3306/cordon",
		"mariadb://ada:secret@[::1]:3307/cordon?tls=true":             "mysql://ada@[::1]:3307/cordon",
		"mysql://ada:secret@localhost/cordon?socket=/run/mysqld/s":    "mysql://ada@/run/mysqld/s/cordon",
	} {
		p, _, err := findPlace(url)
		if err != nil || p.String() != want {
			t.Errorf("%s is %v, %v, want %s", url, p, err, want)
		}
	}
	p, _, err := findPlace("mysql://ada:a%40b%25@db/cordon") // cordon:allow
	if err != nil || p.(maria).config.Passwd != "a@b%" {
		t.Errorf("the password of a MariaDB URL is not as it was escaped: %v", err)
	}
}
