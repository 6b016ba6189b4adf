package cli

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// mostDays keep a span of days within what a time.Duration holds.
const mostDays = 36_500

// readSpan reads how long something lasts: Go's notation, and days before it, such as
// 30d or 1d12h.
func readSpan(text string) (time.Duration, error) {
	parts := regexp.MustCompile(`^(\d{1,9})d(.*)$`).FindStringSubmatch(text)
	if parts == nil {
		return time.ParseDuration(text)
	}
	days, err := strconv.Atoi(parts[1])
	if err != nil || days > mostDays {
		return 0, fmt.Errorf("%s days are too many", parts[1])
	}
	rest := time.Duration(0)
	if parts[2] != "" {
		if rest, err = time.ParseDuration(parts[2]); err != nil || rest < 0 {
			return 0, fmt.Errorf("%q is no rest of a day", parts[2])
		}
	}
	return time.Duration(days)*24*time.Hour + rest, nil
}

// spans has kong read every time.Duration by readSpan.
func spans() kong.Option {
	return kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(func(c *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := c.Scan.PopValueInto("duration", &text); err != nil {
			return err
		}
		d, err := readSpan(text)
		if err != nil {
			return fmt.Errorf("give how long, such as 90m, 8h or 30d, not %q", text)
		}
		target.SetInt(int64(d))
		return nil
	}))
}
