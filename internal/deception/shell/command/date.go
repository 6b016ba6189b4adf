package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func dates() table {
	return table{"date": date, "sleep": sleep, "touch": touch}
}

// zoneNamed reads a value of TZ: a zone of the database, a UTC offset such as
// CET-1, or UTC for what is neither.
func zoneNamed(tz string) *time.Location {
	if tz == "" || strings.HasPrefix(tz, "/") || strings.Contains(tz, "..") {
		return time.UTC
	}
	if l, err := time.LoadLocation(strings.TrimPrefix(tz, ":")); err == nil {
		return l
	}
	name := strings.TrimRight(tz, "+-0123456789:")
	hours := 0
	if _, err := fmt.Sscanf(tz[len(name):], "%d", &hours); err == nil && len(name) >= 3 && hours >= -24 && hours <= 24 {
		return time.FixedZone(name, -hours*3600)
	}
	return time.UTC
}

// mostFormatted is how long a text becomes that is made by a format, in bytes: widths
// cost those who write them little.
const mostFormatted = 1 << 20

// strftime formats a time as date and the C library do, in about so many bytes at most.
func strftime(format string, t time.Time, most int) string {
	var out strings.Builder
	for i := 0; i < len(format) && out.Len() < most; i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		start := i
		i++
		flag, width := byte(0), 0
		for i < len(format) && strings.IndexByte("-_0^#:", format[i]) >= 0 {
			flag = format[i]
			i++
		}
		for i < len(format) && format[i] >= '0' && format[i] <= '9' && width < 100 {
			width = width*10 + int(format[i]-'0')
			i++
		}
		if i == len(format) {
			out.WriteString(format[start:])
			break
		}
		text, known := timeField(format[i], flag, width, t)
		if !known {
			text = format[start : i+1]
		}
		out.WriteString(text)
	}
	return out.String()
}

// timeField is one conversion of strftime.
func timeField(c, flag byte, width int, t time.Time) (string, bool) {
	if n, w, pad, ok := timeNumber(c, t); ok {
		return padded(n, max(w, width), pad, flag), true
	}
	text, ok := timeText(c, flag, t)
	if flag == '^' || flag == '#' && c != 'Z' {
		text = strings.ToUpper(text)
	}
	if flag == '#' && c == 'Z' {
		text = strings.ToLower(text)
	}
	if len(text) < width {
		text = strings.Repeat(" ", width-len(text)) + text
	}
	return text, ok
}

func padded(n int64, width int, pad, flag byte) string {
	switch flag {
	case '-':
		return fmt.Sprint(n)
	case '_':
		pad = ' '
	case '0':
		pad = '0'
	}
	if pad == ' ' {
		return fmt.Sprintf("%*d", width, n)
	}
	return fmt.Sprintf("%0*d", width, n)
}

func timeNumber(c byte, t time.Time) (n int64, width int, pad byte, ok bool) {
	year, week := t.ISOWeek()
	hour := (t.Hour()+11)%12 + 1
	switch c {
	case 'Y':
		return int64(t.Year()), 1, '0', true
	case 'G':
		return int64(year), 1, '0', true
	case 'C':
		return int64(t.Year() / 100), 2, '0', true
	case 'y':
		return int64(t.Year() % 100), 2, '0', true
	case 'g':
		return int64(year % 100), 2, '0', true
	case 'm':
		return int64(t.Month()), 2, '0', true
	case 'd':
		return int64(t.Day()), 2, '0', true
	case 'e':
		return int64(t.Day()), 2, ' ', true
	case 'H':
		return int64(t.Hour()), 2, '0', true
	case 'k':
		return int64(t.Hour()), 2, ' ', true
	case 'I':
		return int64(hour), 2, '0', true
	case 'l':
		return int64(hour), 2, ' ', true
	case 'M':
		return int64(t.Minute()), 2, '0', true
	case 'S':
		return int64(t.Second()), 2, '0', true
	case 'j':
		return int64(t.YearDay()), 3, '0', true
	case 'N':
		return int64(t.Nanosecond()), 9, '0', true
	case 's':
		return t.Unix(), 1, '0', true
	case 'u':
		return int64((t.Weekday()+6)%7 + 1), 1, '0', true
	case 'w':
		return int64(t.Weekday()), 1, '0', true
	case 'V':
		return int64(week), 2, '0', true
	case 'U':
		return int64((t.YearDay() + 6 - int(t.Weekday())) / 7), 2, '0', true
	case 'W':
		return int64((t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7), 2, '0', true
	case 'q':
		return int64((t.Month()-1)/3 + 1), 1, '0', true
	}
	return 0, 0, 0, false
}

func timeText(c, flag byte, t time.Time) (string, bool) {
	switch c {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'z':
		if flag == ':' {
			return t.Format("-07:00"), true
		}
		return t.Format("-0700"), true
	}
	layout, ok := map[byte]string{
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'p': "PM", 'P': "pm", 'Z': "MST", 'D': "01/02/06", 'x': "01/02/06", 'F': "2006-01-02",
		'T': "15:04:05", 'X': "15:04:05", 'R': "15:04", 'r': "03:04:05 PM", 'c': "Mon Jan _2 15:04:05 2006",
	}[c]
	return t.Format(layout), ok
}

// date prints the time, or sets it for who may.
func date(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("d,date: f,file: I,iso-8601? R,rfc-email,rfc-2822 r,reference: s,set: u,utc,universal debug rfc-3339: resolution", "[OPTION]... [+FORMAT]"))
	if a == nil {
		return status
	}
	t, place := p.Now(), zone(p)
	if a.has("u") {
		place = time.UTC
	}
	t = t.In(place)
	if name := a.value("r", ""); name != "" {
		i, err := p.Files.Stat(name)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			return 1
		}
		t = i.Mtime.In(place)
	}
	for _, name := range []string{"d", "s"} {
		if !a.has(name) {
			continue
		}
		parsed, ok := parseDate(a.value(name, ""), t)
		if !ok {
			p.Errorf("invalid date %s", quote(p, a.value(name, "")))
			return 1
		}
		t = parsed
	}
	return printDate(p, a, t)
}

func printDate(p *shell.Proc, a *arguments, t time.Time) int {
	format := "%a %b %e %H:%M:%S %Z %Y"
	if utf8Locale(p) && strings.HasPrefix(p.Env.Get("LANG")+p.Env.Get("LC_ALL"), "en_US") {
		format = "%a %b %e %I:%M:%S %p %Z %Y"
	}
	switch {
	case a.has("I"):
		format = map[string]string{"": "%F", "date": "%F", "hours": "%FT%H%:z", "minutes": "%FT%R%:z", "seconds": "%FT%T%:z", "ns": "%FT%T,%N%:z"}[a.value("I", "")]
	case a.has("R"):
		format = "%a, %d %b %Y %T %z"
	case a.has("rfc-3339"):
		format = map[string]string{"date": "%F", "seconds": "%F %T%:z", "ns": "%F %T.%N%:z"}[a.value("rfc-3339", "")]
	}
	status := 0
	if a.has("s") {
		p.Errorf("cannot set date: Operation not permitted")
		status = 1
	}
	for _, operand := range a.rest {
		if !strings.HasPrefix(operand, "+") {
			p.Errorf("invalid date %s", quote(p, operand))
			return 1
		}
		format = operand[1:]
	}
	fmt.Fprintln(p.Out, strftime(format, t, mostFormatted))
	return status
}

// sleep waits, as long as it was told or as the login lasts.
func sleep(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("", "NUMBER[SUFFIX]..."))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, -1); !ok {
		return status
	}
	var total time.Duration
	for _, operand := range a.rest {
		d, ok := parseInterval(operand)
		if !ok {
			p.Errorf("invalid time interval %s", quote(p, operand))
			try(p)
			return 1
		}
		total += d
	}
	if p.Sleep(ctx, total) != nil {
		return 143
	}
	return 0
}

// parseInterval reads a number of seconds with an optional suffix.
func parseInterval(s string) (time.Duration, bool) {
	unit := time.Second
	number := s
	if n := len(s); n > 0 {
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[s[n-1]]; ok {
			unit, number = u, s[:n-1]
		}
	}
	if number == "inf" || number == "infinity" {
		return 1 << 61, true
	}
	var v float64
	if _, err := fmt.Sscanf(number+"\n", "%g\n", &v); err != nil || v < 0 {
		return 0, false
	}
	if v*float64(unit) > 1<<61 {
		return 1 << 61, true
	}
	return time.Duration(v * float64(unit)), true
}

// touch sets the times of files and makes those that are not there.
func touch(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a c,no-create d,date: f h,no-dereference m r,reference: t: time:", "[OPTION]... FILE..."))
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		p.Errorf("missing file operand")
		try(p)
		return 1
	}
	atime, mtime, ok := touchTimes(p, a)
	if !ok {
		return 1
	}
	for _, name := range a.rest {
		if err := touchOne(p, a, name, atime, mtime); err != nil {
			verb := "touch"
			if _, gone := p.Files.Stat(name); gone == nil {
				verb = "touch"
			}
			p.Errorf("cannot %s %s: %s", verb, quoted(name), reason(err))
			status = 1
		}
	}
	return status
}

func touchTimes(p *shell.Proc, a *arguments) (atime, mtime time.Time, ok bool) {
	t := p.Now()
	if name := a.value("r", ""); name != "" {
		i, err := p.Files.Stat(name)
		if err != nil {
			p.Errorf("failed to get attributes of %s: %s", quoted(name), reason(err))
			return t, t, false
		}
		return i.Atime, i.Mtime, true
	}
	if a.has("d") {
		if t, ok = parseDate(a.value("d", ""), t.In(zone(p))); !ok {
			p.Errorf("invalid date format %s", quote(p, a.value("d", "")))
		}
		return t, t, ok
	}
	if a.has("t") {
		if t, ok = parseStamp(a.value("t", ""), t.In(zone(p))); !ok {
			p.Errorf("invalid date format %s", quote(p, a.value("t", "")))
		}
		return t, t, ok
	}
	return t, t, true
}

// parseStamp reads [[CC]YY]MMDDhhmm[.ss].
func parseStamp(s string, now time.Time) (time.Time, bool) {
	digits, seconds, _ := strings.Cut(s, ".")
	if seconds == "" {
		seconds = "00"
	}
	switch len(digits) {
	case 8:
		digits = now.Format("2006") + digits
	case 10:
		century := "20"
		if digits[0] >= '7' {
			century = "19"
		}
		digits = century + digits
	}
	t, err := time.ParseInLocation("20060102150405", digits+seconds, now.Location())
	return t, err == nil
}

func touchOne(p *shell.Proc, a *arguments, name string, atime, mtime time.Time) error {
	old, err := p.Files.Stat(name)
	if err != nil {
		if a.has("c") {
			return nil
		}
		if err := p.Files.WriteFile(name, nil, 0o666); err != nil {
			return err
		}
	} else if a.has("a") != a.has("m") {
		if a.has("a") {
			mtime = old.Mtime
		} else {
			atime = old.Atime
		}
	}
	return p.Files.Chtimes(name, atime, mtime)
}
