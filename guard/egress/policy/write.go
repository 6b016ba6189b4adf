package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// field is a key of a rule and its value as YAML, on one line.
type field struct{ key, value string }

// yamlFields are the keys of a rule that are not empty.
func (r Rule) yamlFields() []field {
	fields := []field{{"id", scalar(r.ID)}, {"host", scalar(r.Host)}, {"ports", portList(r.Ports)}}
	protocols := make([]string, len(r.Protocols))
	for i, p := range r.Protocols {
		protocols[i] = string(p)
	}
	for _, l := range []struct {
		key  string
		list []string
	}{{"protocols", protocols}, {"methods", r.Methods}, {"paths", r.Paths}, {"tools", r.Tools}, {"addresses", r.Addresses}, {"credentials", r.Credentials}} {
		fields = append(fields, field{l.key, scalars(l.list)})
	}
	fields = append(fields, field{"intercept_tls", string(r.InterceptTLS)}, field{"programs", programList(r.Programs)}, field{"windows", windowList(r.Windows)},
		field{"when", scalar(r.When)}, field{"data_budget", r.Budget.yaml()},
		field{"expires", moment(r.Expires)}, field{"description", scalar(r.Description)},
		field{"verified_by", scalar(r.VerifiedBy)}, field{"verified_at", moment(r.VerifiedAt)})
	full := fields[:0]
	for _, f := range fields {
		if f.value != "" {
			full = append(full, f)
		}
	}
	return full
}

// scalar writes a text so that YAML reads it as that text: plain where nothing can
// be taken for something else, else in double quotes.
func scalar(s string) string {
	if s == "" {
		return ""
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-')) {
			return strconv.Quote(s)
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(s)
	}
	return s
}

func scalars(list []string) string {
	if len(list) == 0 {
		return ""
	}
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = scalar(s)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func portList(ports []PortRange) string {
	if len(ports) == 0 {
		return ""
	}
	words := make([]string, len(ports))
	for i, p := range ports {
		words[i] = p.String()
		if p.First != p.Last {
			words[i] = strconv.Quote(words[i])
		}
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.Quote(t.UTC().Format(time.RFC3339))
}

func programList(programs []ProgramMatch) string {
	if len(programs) == 0 {
		return ""
	}
	words := make([]string, len(programs))
	for i, p := range programs {
		words[i] = flow([]field{{"exe", scalar(p.Exe)}, {"cmdline", scalar(p.Cmdline)}, {"cwd", scalar(p.Cwd)}, {"user", scalar(p.User)}, {"jail", scalar(p.Jail)}})
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func windowList(windows []Window) string {
	if len(windows) == 0 {
		return ""
	}
	words := make([]string, len(windows))
	for i, w := range windows {
		days := make([]string, len(w.Days))
		for j, d := range w.Days {
			days[j] = strings.ToLower(d.String()[:3])
		}
		zone := time.Time{}.In(time.FixedZone("", int(w.Offset/time.Second))).Format("-07:00")
		words[i] = flow([]field{{"days", scalars(days)}, {"from", clock(w.From)}, {"to", clock(w.To)}, {"zone", strconv.Quote(zone)}})
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func clock(minute int) string { return fmt.Sprintf(`"%02d:%02d"`, minute/60, minute%60) }

// flow writes fields as a mapping on one line, without the empty ones.
func flow(fields []field) string {
	var words []string
	for _, f := range fields {
		if f.value != "" {
			words = append(words, f.key+": "+f.value)
		}
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// blockLines writes fields as an item of a list, one on each line.
func blockLines(fields []field, indent int) []string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lead := "  "
		if i == 0 {
			lead = "- "
		}
		lines[i] = strings.Repeat(" ", indent) + lead + f.key + ": " + f.value
	}
	return lines
}
