// Package cef is the format for collectors that read the Common Event Format
// (version 0, "ArcSight Common Event Format Implementation Standard"), inside
// syslog messages. It travels as those do.
//
// Level 2: a plugin of notify; it may import event, notify's wording and the
// format syslog.
package cef

import (
	"crypto/x509"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify/format/syslog"
	"go.cordon.dev/cordon/internal/notify/wording"
)

// Bounds of what is written, in characters. Names are as long as the standard
// lets them be.
const (
	maxName  = 512
	maxClass = 63
	maxValue = 400
)

// Format implements notify.Carried.
type Format struct{ syslog.Way }

// New returns the format. roots are the authorities whose certificates a
// collector may have; nil: those of this machine.
func New(roots *x509.CertPool) Format { return Format{syslog.Way{Roots: roots}} }

// Name implements notify.Format.
func (Format) Name() string { return "cef" }

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	n := wording.Of(e)
	head := []string{"CEF:0", "Cordon", "Cordon", "1", header(e.Topic, maxClass), header(n.Title, maxName), strconv.Itoa(severity(e.Severity))}
	return syslog.Message(e, nil, strings.Join(head, "|")+"|"+extension(e, n)), "text/plain", nil
}

// severity is 0 to 10: 9 and 10 are very high, 7 and 8 high, 4 to 6 medium.
func severity(s event.Severity) int {
	switch s {
	case event.Critical:
		return 10
	case event.High:
		return 8
	case event.Medium:
		return 5
	case event.Low:
		return 3
	}
	return 1
}

// told is what payloads have that CEF has names for.
type told struct {
	SourceIP string `json:"source_ip"`
	Program  string `json:"program"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Rule     string `json:"rule"`
}

func extension(e event.Event, n wording.Notice) string {
	var t told
	_ = e.Decode(&t) // a payload of another shape has none of it
	pairs := [][2]string{
		{"rt", strconv.FormatInt(e.Time.UnixMilli(), 10)}, {"externalId", e.ID}, {"cat", e.Topic}, {"dvchost", e.Source},
		{"src", t.SourceIP}, {"sproc", t.Program}, {"dhost", t.Host}, {"dpt", number(t.Port)},
	}
	if t.Rule != "" {
		pairs = append(pairs, [][2]string{{"cs1Label", "rule"}, {"cs1", t.Rule}}...)
	}
	if n.Alert != nil {
		pairs = append(pairs, [][2]string{{"cs2Label", "secret"}, {"cs2", redacted(e)}, {"cs3Label", "what to do"}, {"cs3", n.Alert.Advice}}...)
	}
	pairs = append(pairs, [2]string{"msg", e.Subject})
	var b strings.Builder
	for _, p := range pairs {
		if p[1] != "" {
			b.WriteString(" " + p[0] + "=" + wording.Write(p[1], maxValue, value))
		}
	}
	return strings.TrimPrefix(b.String(), " ")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// redacted is what may be shown of an alert's secret.
func redacted(e event.Event) string {
	var p event.MessageQuarantined
	if e.Decode(&p) != nil {
		return ""
	}
	return strings.TrimSpace(p.SecretType + " " + p.Redacted)
}

// header is a field of the header, in which a bar would end it.
func header(s string, limit int) string {
	out := wording.Write(s, limit, func(r rune) string {
		if r == '|' {
			return `\|`
		}
		return strings.ReplaceAll(wording.OneLine(r), `\`, `\\`)
	})
	if out == "" {
		return "-"
	}
	return out
}

// value is a value of the extension, in which an equals sign would begin
// another.
func value(r rune) string {
	if r == '=' {
		return `\=`
	}
	return strings.ReplaceAll(wording.OneLine(r), `\`, `\\`)
}
