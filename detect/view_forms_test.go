package detect

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// forms are the ways in which a message carries a text.
func forms() map[string]func(string) string {
	b64 := base64.StdEncoding.EncodeToString
	message := func(value string) string {
		b, _ := json.Marshal(map[string]any{"id": 7, "message": value, "user": "anna"})
		return string(b)
	}
	return map[string]func(string) string{
		"in JSON":               message,
		"in JSON in JSON":       func(s string) string { return message(message(s)) },
		"escaped":               func(s string) string { return `{"message":"` + escaped(s) + `"}` },
		"base64":                func(s string) string { return message(b64([]byte(s))) },
		"base64url, no padding": func(s string) string { return message(base64.RawURLEncoding.EncodeToString([]byte(s))) },
		"base64 in lines":       func(s string) string { return message(lines(b64([]byte(s)), "", "\n", 64)) },
		"gzip in base64":        func(s string) string { return message(b64(gzipped([]byte(s)))) },
		"zlib in base64":        func(s string) string { return message(b64(zlibbed([]byte(s)))) },
		"zstd in base64":        func(s string) string { return message(b64([]byte(zstded([]byte(s))))) },
		"hex":                   func(s string) string { return message(hex.EncodeToString([]byte(s))) },
		"percent":               func(s string) string { return "GET /?q=" + url.QueryEscape(s+" ;") + " HTTP/1.1" },
		"path":                  func(s string) string { return "/x/" + url.PathEscape(s) },
		"entities":              func(s string) string { return "<p> " + html.EscapeString(s) + " </p>" },
		"UTF-16":                func(s string) string { return wideOf("first\r\n"+s+"\r\n", false) },
		"quoted-printable": func(s string) string {
			return "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quotedPrintableOf(s)
		},
	}
}

// Every form of every positive of every rule gives the secret that the plain text
// gives.
func TestEveryRuleFiresInEveryForm(t *testing.T) {
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		scanner := alone(t, r)
		for _, p := range r.Positives {
			text := expand(t, p)
			if ofLines(r, text) {
				continue
			}
			plain, _ := scanner.FindAll([]byte(text))
			for name, form := range forms() {
				found, report := scanner.FindAll([]byte(form(text)))
				if !holdsSecretOf(found, plain) || !report.Complete() {
					t.Errorf("%s: positive %q %s: found %d, not the same; %+v", r.ID, p, name, len(found), report)
				}
			}
		}
	}
}

// ofLines says whether a rule is about lines of their own, or a text has several
// or is longer than lines are: a form that folds them makes another text of it.
func ofLines(r Rule, text string) bool {
	return strings.Contains(r.Regex, "(?m)^") || strings.Contains(text, "\n") || len(text) > 512
}

// ofNames says whether the rule is of a form for names and values.
func ofNames(r Rule) bool {
	return strings.Contains(r.Regex, operator) || strings.Contains(r.Regex, mentionGap)
}

// holdsSecretOf says whether what was found first in the plain text was found. A
// private key that is cut off is stretched over what follows it.
func holdsSecretOf(found, plain []Finding) bool {
	if len(plain) == 0 {
		return false
	}
	bare := func(f Finding) []byte {
		return bytes.TrimSpace(bytes.ReplaceAll(f.Secret.Reveal(), []byte("\r\n"), []byte("\n")))
	}
	want := bare(plain[0])
	return slices.ContainsFunc(found, func(f Finding) bool {
		return bytes.Equal(bare(f), want) || f.Rule.Validator == "pem" && bytes.HasPrefix(bare(f), want)
	})
}

// assignment takes a positive such as NAME = "value" apart.
func assignment(text, secret string) (name string, ok bool) {
	at := strings.Index(text, secret)
	if at < 0 || strings.ContainsAny(text, "\n{}<>") {
		return "", false
	}
	name = strings.Trim(text[:at], " \"'=:")
	rest := strings.Trim(text[at+len(secret):], "\"' ;")
	operator := strings.Trim(text[len(name):at], " ")
	return name, rest == "" && name != "" && !strings.ContainsAny(name, " \"'=:/,(") && strings.ContainsAny(operator, "=:") && len(operator) < 4
}

// twoFields are the ways in which a name and its value stand in two fields.
func twoFields() map[string]func(name, value string) string {
	return map[string]func(name, value string) string{
		"Kubernetes, JSON": func(n, v string) string {
			return `{"env":[{"name":"A","value":"b"},{"name":"` + n + `","value":"` + v + `"}]}`
		},
		"Kubernetes, YAML": func(n, v string) string {
			return "env:\n  - name: A\n    value: b\n  - name: " + n + "\n    value: \"" + v + "\"\n"
		},
		"YAML, plain":   func(n, v string) string { return "- name: " + n + "\n  value: " + v + "\n- name: B\n  value: c\n" },
		"key and value": func(n, v string) string { return `[{"key": "` + n + `", "value": "` + v + `", "sensitive": true}]` },
		"Key and Value": func(n, v string) string { return `{"Key":"` + n + `","Value":"` + v + `"}` },
		"parameter":     func(n, v string) string { return `{"ParameterKey":"` + n + `","ParameterValue":"` + v + `"}` },
		"value first":   func(n, v string) string { return `{"value":"` + v + `","type":"string","name":"` + n + `"}` },
		"more between": func(n, v string) string {
			return `{"name":"` + n + `","slotSetting":false,"type":"text","value":"` + v + `"}`
		},
		"Terraform's state": func(n, v string) string {
			return `"outputs": {"` + n + `": {"sensitive": true, "type": "string", "value": "` + v + `"}}`
		},
		"Terraform": func(n, v string) string {
			return "variable \"" + n + "\" {\n  type    = string\n  default = \"" + v + "\"\n}\n"
		},
		"XML attributes": func(n, v string) string { return `<add key="` + n + `" value="` + v + `"/>` },
		"XML elements": func(n, v string) string {
			return "<property>\n <name>" + n + "</name>\n <value>" + v + "</value>\n</property>"
		},
		"OpenTelemetry":    func(n, v string) string { return `{"key":"` + n + `","value":{"stringValue":"` + v + `"}}` },
		"escaped":          func(n, v string) string { return quotedJSON(`{"name":"` + n + `","value":"` + v + `"}`) },
		"block of YAML":    func(n, v string) string { return "a: 1\n" + n + ": |\n  " + v + "\nb: 2\n" },
		"folded, stripped": func(n, v string) string { return n + ": >-\n      " + v + "\n" },
		"deeply indented":  func(n, v string) string { return n + ":\n          " + v + "\n" },
		"form": func(n, v string) string {
			return "--x\r\nContent-Disposition: form-data; name=\"" + n + "\"\r\n\r\n" + v + "\r\n--x--\r\n"
		},
		"base64 value": func(n, v string) string {
			return `{"` + n + `":"` + base64.StdEncoding.EncodeToString([]byte(v)) + `"}`
		},
		"hex value": func(n, v string) string { return n + ": " + hex.EncodeToString([]byte(v)) },
	}
}

// A rule that wants a name finds its value in another field too.
func TestNamesAndValuesInTwoFieldsAreAssignments(t *testing.T) {
	tried := 0
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		scanner := alone(t, r)
		for _, p := range r.Positives {
			text := expand(t, p)
			plain, _ := scanner.FindAll([]byte(text))
			if len(plain) == 0 {
				t.Fatalf("%s: positive %q: no finding", r.ID, p)
			}
			secret := string(plain[0].Secret.Reveal())
			name, ok := assignment(text, secret)
			if !ok || !ofNames(r) || ofLines(r, text) || strings.ContainsAny(secret, " <>\"\\&") {
				continue
			}
			tried++
			for form, write := range twoFields() {
				encoded := form == "base64 value" || form == "hex value" // may be taken for the secret itself
				if encoded && len(secret) < 18 {
					continue // too short to be told from a word
				}
				found, report := scanner.FindAll([]byte(write(name, secret)))
				if ok := holdsSecretOf(found, plain) || encoded && len(found) > 0; !ok || !report.Complete() {
					t.Errorf("%s: positive %q as %s: found %d, not the same; %+v", r.ID, p, form, len(found), report)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("%d positives are assignments", tried)
	}
}
