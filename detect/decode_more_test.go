package detect

import (
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func ascii85Of(text string) string {
	out := make([]byte, ascii85.MaxEncodedLen(len(text)))
	return string(out[:ascii85.Encode(out, []byte(text))])
}

// quadsOf is a text in UTF-32.
func quadsOf(text string, big bool) string {
	var b []byte
	for _, r := range text {
		if big {
			b = binary.BigEndian.AppendUint32(b, uint32(r))
		} else {
			b = binary.LittleEndian.AppendUint32(b, uint32(r))
		}
	}
	return string(b)
}

func base32Of8(text string, hex bool) string {
	if hex {
		return base32.HexEncoding.EncodeToString([]byte(text))
	}
	return base32.StdEncoding.EncodeToString([]byte(text))
}

// spellings are the encodings that somebody chooses who does not want to be read, as far
// as they are decoded, beside those of forms and wrappings.
func spellings() map[string]func(string) string {
	b64 := base64.StdEncoding.EncodeToString
	return map[string]func(string) string{
		"base32":                   func(s string) string { return base32Of8(s, false) },
		"base32, small":            func(s string) string { return strings.ToLower(base32Of8(s, false)) },
		"base32, small, no pads":   func(s string) string { return strings.TrimRight(strings.ToLower(base32Of8(s, false)), "=") },
		"base32hex":                func(s string) string { return base32Of8(s, true) },
		"base32hex, small":         func(s string) string { return strings.ToLower(base32Of8(s, true)) },
		"ascii85":                  func(s string) string { return "<~" + ascii85Of("k = "+s+" .") + "~>" },
		"ascii85 in lines":         func(s string) string { return "<~\n" + lines(ascii85Of("k = "+s+" ."), "", "\n", 30) + "\n~>" },
		"ascii85 in base64":        func(s string) string { return b64([]byte(ascii85Of("k = " + s + " ."))) },
		"UTF-32, little":           func(s string) string { return quadsOf("k = "+s+" .", false) },
		"UTF-32, big":              func(s string) string { return quadsOf("k = "+s+" .", true) },
		"UTF-32, little, its mark": func(s string) string { return "\xff\xfe\x00\x00" + quadsOf("k = "+s+" .", false) },
		"UTF-32, big, its mark":    func(s string) string { return "\x00\x00\xfe\xff" + quadsOf("k = "+s+" .", true) },
		"UTF-32 in base64":         func(s string) string { return b64([]byte(quadsOf("k = "+s+" .", false))) },
		"UTF-32 in hex":            func(s string) string { return hex.EncodeToString([]byte(quadsOf("k = "+s+" .", true))) },
		"UTF-16, big, no mark":     func(s string) string { return wideOf(s, true) },
		"UTF-16, big, in base64":   func(s string) string { return b64([]byte(wideOf("k = "+s+" .", true))) },
		"all quoted-printable":     func(s string) string { return listOf(s, "=%02X", "") },
		"percent, twice":           func(s string) string { return url.QueryEscape(listOf(s, "%%%02X", "")) },
		"percent, three times":     func(s string) string { return url.QueryEscape(url.QueryEscape(listOf(s, "%%%02X", ""))) },
		"percent, code points":     func(s string) string { return listOf(s, "%%u%04X", "") },
		"code points":              func(s string) string { return listOf(s, "U+%04X", " ") },
		"code points, in a row":    func(s string) string { return listOf(s, "U+%04x", "") },
		"code points, on lines":    func(s string) string { return listOf(s, "U+%04X", "\n") },
		"code points, with tabs":   func(s string) string { return listOf(s, "U+%04X", "\t") },
		"one code point":           func(s string) string { return strings.Replace(s, "_", `\u005f`, 1) },
		"entities, with zeros":     func(s string) string { return listOf(s, "&#%07d;", "") },
		"JSON's escapes":           func(s string) string { return `{"a":"` + listOf(s, `\u%04X`, "") + `"}` },
		"JSON's escapes in JSON":   func(s string) string { return `{"a":"` + listOf(s, `\\u%04x`, "") + `"}` },
		"hex with colons":          func(s string) string { return listOf(s, "%02x", ":") },
		"hex with commas":          func(s string) string { return listOf(s, "%02X", ",") },
		"hex with dashes":          func(s string) string { return listOf(s, "%02X", "-") },
		"a Buffer of Node": func(s string) string {
			return `{"type":"Buffer","data":[` + listOf(s, "%d", ",") + `]}`
		},
		"a claim of a JWT in JSON": func(s string) string {
			part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
			return `{"a":{"t":"` + part(`{"alg":"none"}`) + "." + part(`{"sub":"x","n":"`+s+`"}`) + `."}}`
		},
	}
}

func TestEverySpellingIsRead(t *testing.T) {
	scanner, secret := acme(t)
	for name, spell := range spellings() {
		for way, text := range map[string]string{"alone": spell(secret), "among words": "first line\n x " + spell(secret) + " y\nlast line"} {
			if way == "among words" && strings.HasPrefix(name, "UTF-32") && strings.Contains(name, "its mark") {
				continue // it stands at the start
			}
			found, report := scanner.FindAll([]byte(text))
			if len(found) == 0 || string(found[0].Secret.Reveal()) != secret || !report.Complete() {
				t.Errorf("%s, %s: found %v, %+v", name, way, found, report)
			}
		}
	}
}

// A text that is ascii85 from end to end says so by nothing else.
func TestBareASCII85(t *testing.T) {
	scanner, secret := acme(t)
	text := ascii85Of("some words before it, then " + secret + ", and some behind it")
	for name, text := range map[string]string{"one line": text, "lines": lines(text, "", "\n", 40) + "\n", "begun and not ended": "x <~" + text} {
		if found, _ := scanner.FindAll([]byte(text)); len(found) != 1 {
			t.Errorf("%s: found %d", name, len(found))
		}
	}
}

// What only looks like one of them is not decoded at all.
func TestWhatIsNoSpelling(t *testing.T) {
	scanner, _ := acme(t)
	for _, text := range []string{
		"see ~/notes, <~ and ~>, a <~b c~> d", "U+0041 is A, U+20AC the euro sign, %u0041 was JavaScript's",
		"de:ad:be:ef:00:11 12:34:56 2026-11-23 10:42:07,123 aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
		"d41d8cd98f00b204e9800998ecf8427e 3f2504e0-4f89-41d3-9a0c-0305e82c3301 mzxw6ytboi======", "internationalizations counterrevolutionaries",
		`{"type":"Buffer","data":[137,80,78,71,13,10,26,10,0,0,0,13]}`, "a=b=c ==== =3D", "41-4B-49-41 00-1B-44-11-3A-B7",
		"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00A\x00\x00\x00\x01",
	} {
		if found, report := scanner.FindAll([]byte(text)); len(found) > 0 || report.Decoded > int64(len(text)) || !report.Complete() {
			t.Errorf("%q: found %v, %+v", text, found, report)
		}
	}
}

// What these decoders make of whatever they are given has places in it.
func FuzzSpellings(f *testing.F) {
	for _, spell := range spellings() {
		f.Add([]byte(spell("acme_0123456789abcd")))
	}
	for _, file := range pdfForms("acme_0123456789abcd") {
		f.Add([]byte(file))
	}
	f.Add([]byte(uuOf("some words and acme_0123456789abcd", '`')))
	f.Add([]byte(packOf("acme_0123456789abcd", "another") + "U+0041 Buffer"))
	set, err := Compile(nil, Options{})
	if err != nil {
		f.Fatal(err)
	}
	scanner := NewScanner(set)
	f.Fuzz(func(t *testing.T, text []byte) {
		scanner.ScanWatched(text, func(Finding) bool { return true }, Watch{Text: func(l Text) {
			for i := range l.Bytes {
				if from, to := l.Span(i, i+1); from < 0 || from > to || to > int64(len(text)) {
					t.Fatalf("%v: byte %d of %q stands at [%d,%d) of %d", l.Decoders(), i, l.Bytes, from, to, len(text))
				}
			}
		}})
		for i := range base32Forms {
			out := base32Forms[i].appendTo(nil, text)
			if len(out) > len(text)*5/8 {
				t.Errorf("%d bytes of %d digits", len(out), len(text))
			}
		}
		if utf8.Valid(text) {
			for _, big := range []bool{false, true} {
				q := quadStretch{src: []byte(quadsOf(string(text), big)), big: big}
				if got := q.decode(nil); string(got) != string(text) {
					t.Errorf("UTF-32 of %q came back as %q", text, got)
				}
			}
		}
	})
}
