package cef_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/cef"
	"go.cordon.dev/cordon/internal/notify/formattest"
)

// parse takes a message apart as a collector does: seven fields, then pairs.
func parse(body []byte) ([]string, error) {
	_, text, ok := strings.Cut(string(body), "[cordon@32473] ")
	fields := regexp.MustCompile(`^CEF:0\|Cordon\|Cordon\|1\|((?:[^|\\]|\\.)+)\|((?:[^|\\]|\\.)+)\|(\d+)\|(.*)$`).FindStringSubmatch(text)
	if !ok || fields == nil {
		return nil, errors.New("body is not a CEF message in a syslog message")
	}
	if !regexp.MustCompile(`^(?: ?[A-Za-z0-9]+=(?:[^=\\]|\\.)*)+$`).MatchString(fields[4]) {
		return nil, errors.New("the extension is not pairs: " + fields[4])
	}
	return fields[1:], nil
}

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: cef.New(nil), ForPeople: true, Type: "text/plain", Texts: parse})
}

func TestAMessage(t *testing.T) {
	body, _, err := cef.New(nil).Render(formattest.Alerts(t)["github"])
	want := "CEF:0|Cordon|Cordon|1|leak.message.quarantined|HIGH: GITHUB_TOKEN in main|8|rt=1767366245000 externalId=01936d2c-5f8e-7abc-9def-0123456789ab cat=leak.message.quarantined dvchost=node-1/leak cs1Label=rule cs1=github-pat cs2Label=secret cs2=GITHUB_TOKEN ghp_****xyz"
	if err != nil || !strings.Contains(string(body), want) {
		t.Errorf("%v, %s", err, body)
	}
}

// A stranger's bars and equals signs begin no field.
func TestNobodyWritesFieldsOfTheirOwn(t *testing.T) {
	e := formattest.Alerts(t)["github"]
	e.Subject = `x src=198.51.100.1 act=allowed|0|`
	body, _, err := cef.New(nil).Render(e)
	if err != nil || !strings.HasSuffix(string(body), `msg=x src\=198.51.100.1 act\=allowed|0|`) {
		t.Errorf("%v, %s", err, body)
	}
}

func TestWhereAnAttackIsFrom(t *testing.T) {
	e := formattest.Alerts(t)["github"]
	e.Topic, e.Severity, e.Data = "egress.connection.denied", event.Medium, []byte(`{"source_ip":"203.0.113.9","program":"/bin/x","host":"paste.example","port":443,"rule":"r=1"}`)
	body, _, err := cef.New(nil).Render(e)
	if err != nil || !strings.Contains(string(body), `|5|`) || !strings.Contains(string(body), ` src=203.0.113.9 sproc=/bin/x dhost=paste.example dpt=443 cs1Label=rule cs1=r\=1`) {
		t.Errorf("%v, %s", err, body)
	}
}
