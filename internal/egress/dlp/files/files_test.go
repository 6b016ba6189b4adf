package files_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp/files"
)

func names(text string) (all []string) {
	files.Names([]byte(text), func(name string, at int) { all = append(all, name) })
	return all
}

func disposition(rest string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"f\"; " + rest + "\r\nContent-Type: text/plain\r\n\r\ncontent\r\n--b--\r\n"
}

func TestNamesInMultipartHeads(t *testing.T) {
	for rest, want := range map[string]string{
		`filename="prod.env"`:                                        "prod.env",
		`filename=prod.env`:                                          "prod.env",
		`filename = "prod.env"`:                                      "prod.env",
		`FileName="prod.env"`:                                        "prod.env",
		`filename='prod.env'`:                                        "prod.env",
		`filename="pr\"od.env"`:                                      `pr"od.env`,
		`filename="C:\\keys\\id_rsa"`:                                `C:\keys\id_rsa`,
		`filename*=UTF-8''prod%2Eenv`:                                "prod.env",
		`filename="x.txt"; filename*=utf-8'en'prod.env`:              "prod.env",
		`filename*0="prod"; filename*1=".env"`:                       "prod.env",
		`filename*0*=UTF-8''pro; filename*1*=d%2e; filename*2="env"`: "prod.env",
		`filename="=?UTF-8?B?cHJvZC5lbnY=?="`:                        "prod.env",
		`filename="prod%2Eenv"`:                                      "prod.env",
		`filename="prod.env`:                                         "prod.env",
		"\r\n filename=\"prod.env\"":                                 "prod.env",
		`filename=prod.env; x=y`:                                     "prod.env",
	} {
		if got := names(disposition(rest)); !slices.Contains(got, want) {
			t.Errorf("%s: %q", rest, got)
		}
	}
	for _, text := range []string{"GET /?filename=prod.env HTTP/1.1", `{"filename":"prod.env"}`, "filename=prod.env", disposition(`x="y"`), disposition(`size=3`) + "\r\n\r\nfilename=x.env"} {
		if got := names(text); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestNamesInArchives(t *testing.T) {
	var z, r bytes.Buffer
	zw, tw := zip.NewWriter(&z), tar.NewWriter(&r)
	long := strings.Repeat("folder/", 30) + "deep.env"
	for _, name := range []string{"a/id_rsa", "b.txt", long} {
		w, err := zw.Create(name)
		if err == nil {
			_, err = w.Write([]byte("x"))
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
			err := tw.WriteHeader(&tar.Header{Name: name, Size: 1, Mode: 0o600, Format: f})
			if err != nil && f == tar.FormatUSTAR {
				continue // it has no room for so long a name
			}
			if err == nil {
				_, err = tw.Write([]byte("x"))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if zw.Close() != nil || tw.Close() != nil {
		t.Fatal("closing")
	}
	for what, text := range map[string]string{"zip": z.String(), "tar": r.String(), "zip in something": "head " + z.String()} {
		got := names(text)
		for _, want := range []string{"a/id_rsa", "b.txt", long} {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %q is not among %d names", what, want, len(got))
			}
		}
	}
}

func TestKinds(t *testing.T) {
	s := files.NewScanner()
	begin := "-----BEGIN " // so that no scanner takes this for a key
	for text, want := range map[string]string{
		"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00":                                                 "KeePass database",
		"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01":                                         "Java key store",
		"\x30\x82\x09\xd1\x02\x01\x03\x30\x82\x09\x97\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01": "PKCS #12 key store",
		"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01":                 "PKCS #12 key store",
		"openssh-key-v1\x00\x00":                   "OpenSSH private key",
		"x\n" + begin + "EC PRIVATE KEY-----\nabc": "private key",
		"PuTTY-User-Key-File-3: ssh-ed25519":       "PuTTY private key",
		"apiVersion: v1\nclusters: []\ncontexts: []\ncurrent-context: x\nusers:\n- user: {token: abc}": "kubeconfig with credentials",
		"users:\n- user:\n    client-key-data: abc":                                                    "kubeconfig with credentials",
		"\x30\x82\x01\x0a\x02\x01\x03\x30\x82\x01":                                                     "",
		begin + "CERTIFICATE-----\nabc":                                                                "",
		"how to read a PRIVATE KEY----- line":                                                          "",
		"the current-context of this text":                                                             "",
	} {
		got := ""
		s.Kinds([]byte(text), func(k files.Kind, at int) { got = k.Name })
		if got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
}

func FuzzFiles(f *testing.F) {
	f.Add([]byte(disposition(`filename*0*=UTF-8''a%2; filename*1="b"`)))
	f.Add([]byte("PK\x03\x04aaaaaaaaaaaaaaaaaaaaaa\xff\xffaaname"))
	f.Add(append(make([]byte, 257), []byte("ustar\x0000")...))
	s := files.NewScanner()
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		files.Names(text, func(name string, at int) {
			if n++; n > 256 || at < 0 || at > len(text) || name == "" {
				t.Fatalf("name %d, of %d bytes, at %d of %d", n, len(name), at, len(text))
			}
		})
		s.Kinds(text, func(k files.Kind, at int) {
			if at < 0 || at >= len(text) || k.Name == "" || len(k.As) == 0 {
				t.Fatalf("%+v at %d", k, at)
			}
		})
	})
}
