package dlp_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// What was encrypted was not looked at: it is told, and judged as what cannot be seen.
func TestWhatIsEncryptedIsNotSeen(t *testing.T) {
	for _, name := range []string{"rsa.gpg", "pass.gpg", "pass.asc", "note.age", "age.asc", "salted.bin", "cms.der", "cms.pem", "fernet.txt"} {
		b, err := os.ReadFile("opaque/testdata/encrypted/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(map[string]string{"name": "notes", "data": string(b)})
		if err != nil {
			t.Fatal(err)
		}
		ways := map[string]string{
			"by itself":    string(b),
			"in gzip":      gzipped(t, string(b)),
			"in a form":    "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n" + string(b) + "\r\n--x--\r\n",
			"in an upload": filler(200_000) + "\n" + string(b) + "\n",
			"in a tar":     tarred(t, string(b)),
		}
		if strings.HasSuffix(name, "c") || strings.HasSuffix(name, "m") || strings.HasSuffix(name, "t") { // text
			ways["in JSON"] = string(text)
		} else {
			ways["in base64"] = `{"name":"notes","data":"` + base64.StdEncoding.EncodeToString(b) + `"}`
		}
		for way, text := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				if v := inspector(t, dlp.Limits{}).Text("message", []byte(text)); !strings.Contains(v.Unseen, "is not read") {
					t.Errorf("a message: %+v", v)
				}
				var dst sink
				var j judge
				_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(text), 1000)
				if len(j.told) != 1 || !strings.Contains(j.told[0].Unseen, "is not read") {
					t.Errorf("a body: %+v", j.told)
				}
			})
		}
	}
}

// A cookie is what its host gave out; what it encrypted is its own.
func TestAnEncryptedCookieIsItsHosts(t *testing.T) {
	b, err := os.ReadFile("opaque/testdata/encrypted/fernet.txt")
	if err != nil {
		t.Fatal(err)
	}
	i := inspector(t, dlp.Limits{})
	if v := i.Head("GET", "http://a.example/", []dlp.Field{{Name: "Cookie", Value: "s=" + string(b)}}); !v.Clean() {
		t.Errorf("in a cookie: %+v", v)
	}
	if v := i.Head("GET", "http://a.example/", []dlp.Field{{Name: "X-Data", Value: string(b)}}); v.Unseen == "" {
		t.Error("in another field it passed as clean")
	}
}
