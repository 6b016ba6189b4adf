package command

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads what people give to date -d, touch -d and find -newermt: a
// day, a time, a zone, and steps from there, in the forms of GNU's parser that
// are used.
func parseDate(s string, now time.Time) (time.Time, bool) {
	d := dateReader{now: now, t: now}
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "@"); ok {
		v, err := strconv.ParseFloat(rest, 64)
		if err != nil || v > 1e12 || v < -1e12 {
			return now, false
		}
		whole := int64(v)
		return time.Unix(whole, int64((v-float64(whole))*1e9)).In(now.Location()), true
	}
	if len(s) > 200 {
		return now, false
	}
	words := dateWords(s)
	if len(words) == 0 {
		d.midnight()
	}
	for len(words) > 0 {
		n := d.take(words)
		if n == 0 {
			return now, false
		}
		words = words[n:]
	}
	return d.finish(), true
}

type dateReader struct {
	now, t             time.Time
	hadDay, hadTime    bool
	years, months, day int
	step               time.Duration
}

// dateWords splits a date into words; what separates a day from its time in
// ISO 8601 counts as a space.
func dateWords(s string) []string {
	s = strings.ToLower(s)
	if len(s) > 10 && s[10] == 't' && s[4] == '-' {
		s = s[:10] + " " + s[11:]
	}
	if n := len(s); n > 1 && s[n-1] == 'z' && s[n-2] >= '0' && s[n-2] <= '9' {
		s = s[:n-1] + " utc"
	}
	return strings.Fields(strings.ReplaceAll(s, ",", " "))
}

func (d *dateReader) midnight() {
	y, m, day := d.t.Date()
	d.t, d.hadTime = time.Date(y, m, day, 0, 0, 0, 0, d.t.Location()), true
}

func (d *dateReader) finish() time.Time {
	if d.hadDay && !d.hadTime {
		d.midnight()
	}
	return d.t.AddDate(d.years, d.months, d.day).Add(d.step)
}

// take reads one item from the front of the words and returns how many words
// it has, 0 when it is none.
func (d *dateReader) take(w []string) int {
	switch w[0] {
	case "now", "today":
		return 1
	case "yesterday":
		d.day--
		return 1
	case "tomorrow":
		d.day++
		return 1
	case "midnight":
		d.midnight()
		return 1
	case "noon":
		d.clock("12:00")
		return 1
	case "utc", "gmt", "z":
		d.t = time.Date(d.t.Year(), d.t.Month(), d.t.Day(), d.t.Hour(), d.t.Minute(), d.t.Second(), d.t.Nanosecond(), time.UTC)
		return 1
	case "ago":
		d.years, d.months, d.day, d.step = -d.years, -d.months, -d.day, -d.step
		return 1
	}
	if n := d.relative(w); n > 0 {
		return n
	}
	if d.clock(w[0]) {
		if len(w) > 1 && (w[1] == "am" || w[1] == "pm") {
			d.half(w[1])
			return 2
		}
		return 1
	}
	return d.date(w)
}

// relative reads "3 days", "+1 week", "next month", "last year", "2hours".
func (d *dateReader) relative(w []string) int {
	count, used := 1, 1
	unit := w[0]
	switch {
	case w[0] == "next" || w[0] == "this" || w[0] == "last":
		if len(w) < 2 {
			return 0
		}
		count, unit, used = map[string]int{"next": 1, "this": 0, "last": -1}[w[0]], w[1], 2
	default:
		digits := len(w[0]) - len(strings.TrimLeft(w[0], "+-0123456789"))
		n, err := strconv.Atoi(w[0][:digits])
		if digits > 0 && (err != nil || n > 1e6 || n < -1e6) {
			return 0
		}
		if digits > 0 {
			count, unit = n, w[0][digits:]
			if unit == "" {
				if len(w) < 2 {
					return 0
				}
				unit, used = w[1], 2
			}
		}
	}
	if wd, ok := weekday(unit); ok && used == 2 || ok && len(w[0]) == len(unit) {
		d.weekday(wd, count-order(used == 1))
		return used
	}
	if !d.add(count, strings.TrimSuffix(unit, "s")) {
		return 0
	}
	return used
}

func (d *dateReader) add(count int, unit string) bool {
	switch unit {
	case "year":
		d.years += count
	case "month":
		d.months += count
	case "fortnight":
		d.day += 14 * count
	case "week":
		d.day += 7 * count
	case "day":
		d.day += count
	case "hour":
		d.step += time.Duration(count) * time.Hour
	case "minute", "min":
		d.step += time.Duration(count) * time.Minute
	case "second", "sec":
		d.step += time.Duration(count) * time.Second
	default:
		return false
	}
	return true
}

func weekday(s string) (time.Weekday, bool) {
	for wd := time.Sunday; wd <= time.Saturday; wd++ {
		name := strings.ToLower(wd.String())
		if s == name || s == name[:3] {
			return wd, true
		}
	}
	return 0, false
}

// weekday goes to the next such day, today included, and weeks from there.
func (d *dateReader) weekday(wd time.Weekday, weeks int) {
	ahead := (int(wd) - int(d.t.Weekday()) + 7) % 7
	if weeks > 0 && ahead != 0 {
		weeks--
	}
	d.day += ahead + 7*weeks
	d.hadDay = true
}

// clock reads a time of day.
func (d *dateReader) clock(s string) bool {
	half := ""
	for _, h := range []string{"am", "pm"} {
		if strings.HasSuffix(s, h) && len(s) > 2 {
			s, half = strings.TrimSuffix(s, h), h
			if !strings.Contains(s, ":") {
				s += ":00"
			}
		}
	}
	zone := d.t.Location()
	if i := strings.LastIndexAny(s, "+-"); i > 4 && strings.Contains(s, ":") {
		if t, err := time.Parse("-0700", strings.ReplaceAll(s[i:], ":", "")+strings.Repeat("0", max(0, 5-len(strings.ReplaceAll(s[i:], ":", ""))))); err == nil {
			zone, s = t.Location(), s[:i]
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, pad2(s)); err == nil {
			y, m, day := d.t.Date()
			d.t, d.hadTime = time.Date(y, m, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone), true
			if half != "" {
				d.half(half)
			}
			return true
		}
	}
	return false
}

func pad2(s string) string {
	if i := strings.IndexByte(s, ':'); i == 1 {
		return "0" + s
	}
	return s
}

func (d *dateReader) half(which string) {
	hour := d.t.Hour()%12 + 12*order(which == "pm")
	d.t = time.Date(d.t.Year(), d.t.Month(), d.t.Day(), hour, d.t.Minute(), d.t.Second(), 0, d.t.Location())
}

// date reads a day of the calendar.
func (d *dateReader) date(w []string) int {
	for _, form := range []struct{ layout string }{{"2006-1-2"}, {"20060102"}, {"1/2/2006"}, {"1/2/06"}, {"2006/1/2"}, {"2-jan-2006"}, {"2 jan 2006"}, {"jan 2 2006"}, {"2 january 2006"}, {"january 2 2006"}, {"jan 2"}, {"2 jan"}, {"january 2"}, {"2 january"}, {"1/2"}, {"2jan2006"}} {
		n := len(strings.Fields(form.layout))
		if n > len(w) {
			continue
		}
		text := strings.Join(w[:n], " ")
		t, err := time.Parse(form.layout, text)
		if err != nil {
			continue
		}
		year := t.Year()
		if !strings.Contains(form.layout, "06") {
			year = d.now.Year()
		}
		d.t = time.Date(year, t.Month(), t.Day(), d.t.Hour(), d.t.Minute(), d.t.Second(), d.t.Nanosecond(), d.t.Location())
		d.hadDay = true
		return n
	}
	return 0
}
