package watch

import (
	"fmt"
	"math"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// deviation is something unusual.
type deviation struct {
	Pair
	expectation
	at       time.Time
	measure  string
	inBytes  bool
	observed float64
	seconds  int
}

func (d deviation) severity() event.Severity {
	if d.inBytes {
		return event.High
	}
	return event.Medium
}

func (d deviation) subject() string { return fmt.Sprintf("%s to %s", named(d.Program), d.Host) }

func (d deviation) payload() event.Payload {
	return event.BaselineDeviated{
		Program: d.Program, Host: d.Host, Measure: d.measure, Unit: d.unit(), Observed: whole(d.observed), Usual: whole(float64(d.usual.Mean)),
		Spread: whole(d.spread()), Limit: whole(d.limit), WindowSeconds: d.seconds, Explanation: d.explain(), OccurredAt: d.at,
	}
}

func (d deviation) unit() string {
	if d.inBytes {
		return "bytes"
	}
	return "requests"
}

func (d deviation) spread() float64 { return math.Sqrt(float64(d.usual.Var)) }

// explain says what is unusual in one sentence.
func (d deviation) explain() string {
	span, hour := "10 min", "at this hour"
	if d.measure == event.MeasureDaily {
		span, hour = "a day that is not over", "in a day"
	}
	said := fmt.Sprintf("%s to %s in %s; ", d.amount(d.observed), d.Host, span)
	if d.quiet {
		return said + "usual " + hour + ": nothing"
	}
	return said + fmt.Sprintf("usual %s %s ± %s", hour, d.amount(float64(d.usual.Mean)), d.amount(d.spread()))
}

func (d deviation) amount(x float64) string {
	if !d.inBytes {
		return short(x) + " requests"
	}
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if x < 999.5 {
			return short(x) + " " + unit
		}
		x /= 1000
	}
	return short(x) + " TB"
}

// short is a figure with two digits, or all that stand before the point.
func short(x float64) string {
	if x >= 9.95 || x == math.Trunc(x) {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.1f", x)
}

func whole(x float64) float64 { return math.Round(x) }
