package shell

import (
	"fmt"
	"strings"
	"time"
)

// Strftime writes a time as the C library does in the C locale.
func Strftime(layout string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(layout) && b.Len() < mostPrinted; i++ {
		if layout[i] != '%' || i+1 >= len(layout) {
			b.WriteByte(layout[i])
			continue
		}
		i++
		b.WriteString(timePart(layout[i], t))
	}
	return b.String()
}

func timePart(c byte, t time.Time) string {
	if layout, ok := goLayout(c); ok {
		return t.Format(layout)
	}
	_, week := t.ISOWeek()
	year, _ := t.ISOWeek()
	switch c {
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100)
	case 'e':
		return fmt.Sprintf("%2d", t.Day())
	case 'k':
		return fmt.Sprintf("%2d", t.Hour())
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1)
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 's':
		return fmt.Sprint(t.Unix())
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return fmt.Sprint(int(t.Weekday()))
	case 'V':
		return fmt.Sprintf("%02d", week)
	case 'G':
		return fmt.Sprint(year)
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '%':
		return "%"
	}
	return "%" + string(c)
}

func goLayout(c byte) (string, bool) {
	switch c {
	case 'a':
		return "Mon", true
	case 'A':
		return "Monday", true
	case 'b', 'h':
		return "Jan", true
	case 'B':
		return "January", true
	case 'c':
		return "Mon Jan _2 15:04:05 2006", true
	case 'd':
		return "02", true
	case 'D', 'x':
		return "01/02/06", true
	case 'F':
		return "2006-01-02", true
	case 'H':
		return "15", true
	case 'I':
		return "03", true
	case 'm':
		return "01", true
	case 'M':
		return "04", true
	case 'p':
		return "PM", true
	case 'r':
		return "03:04:05 PM", true
	case 'R':
		return "15:04", true
	case 'S':
		return "05", true
	case 'T', 'X':
		return "15:04:05", true
	case 'y':
		return "06", true
	case 'Y':
		return "2006", true
	case 'z':
		return "-0700", true
	case 'Z':
		return "MST", true
	}
	return "", false
}

// local is a time in the machine's zone, in UTC when this host does not know it.
func (m *Machine) local(t time.Time) time.Time {
	if loc, err := time.LoadLocation(m.persona.Zone); err == nil {
		return t.In(loc)
	}
	return t.UTC()
}
