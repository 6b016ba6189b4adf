package dlp_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

func TestAFindingSaysWhereItLies(t *testing.T) {
	secret := token(t)
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	_ = w.WriteField("comment", "nothing")
	_ = w.WriteField("note", "see "+secret)
	if w.Close() != nil {
		t.Fatal("closing")
	}
	for body, want := range map[string]string{
		"plain " + secret: "body",
		`{"a":{"b":"x"},"c":["y",{"d":"` + secret + `"}]}`:       "body json $.c[1].d",
		` [ 1, "` + secret + `" ]`:                               "body json $[1]",
		`{"a":{"` + secret + `":1}}`:                             "body json key of $.a",
		`{"a\"b":"x","c d":"` + secret + `"}`:                    "body json $.c d",
		`{"` + strings.Repeat("n", 99) + `":"` + secret + `"}`:   "body json $.?",
		`{"<b>":"` + secret + `"}`:                               "body json $.?",
		strings.Repeat(`{"a":`, 40) + `"` + secret + `"`:         "body json $" + strings.Repeat(".a", 32) + "...",
		"x=1&the.note=" + secret + "&y=2":                        "body form field the.note",
		parts.String():                                           `body multipart part "note"`,
		upload(t, "text "+secret):                                `body multipart part file "dump.bin"`,
		`{"big":"` + filler(300_000) + `","k":"` + secret + `"}`: "body json",
	} {
		var dst sink
		var j judge
		_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1<<20)
		if len(j.told) != 1 || len(j.told[0].Findings) != 1 || j.told[0].Findings[0].Where != want {
			t.Errorf("%.60q: %+v, want %q", strings.ReplaceAll(body, secret, "SECRET"), j.told, want)
		}
	}
}

// A name that is a secret itself is not shown.
func TestAPlaceShowsNoSecret(t *testing.T) {
	secret := token(t)
	var dst sink
	var j judge
	_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.let}), []byte(`{"`+secret+`":{"b":"`+secret+`"}}`), 1<<20)
	if len(j.told) != 1 || strings.Contains(j.told[0].String(), secret[4:]) {
		t.Errorf("%d are told", len(j.told))
	}
}

func FuzzPlaces(f *testing.F) {
	secret := token(f)
	f.Add([]byte(`{"a":[{"b\\\"c":`), []byte(`"}]}`))
	f.Add([]byte("a=b&c="), []byte("&"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"a"), []byte("\r\n--x--"))
	i := inspector(f, dlp.Limits{})
	f.Fuzz(func(t *testing.T, before, after []byte) {
		var dst sink
		var j judge
		body := append(append(append([]byte{}, before...), secret...), after...)
		_ = send(i.Message("p").Stream(&dst, dlp.Body{Judge: j.refuse}), body, 1000)
		for _, v := range j.told {
			for _, found := range v.Findings {
				if len(found.Where) > 2000 || strings.Contains(found.Where, secret) {
					t.Fatalf("%d bytes of a place", len(found.Where))
				}
			}
		}
	})
}
