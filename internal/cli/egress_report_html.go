package cli

import (
	_ "embed" // the page's template
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed egress_report.html
var reportPage string

// html writes the report as a page that needs nothing else: its charts are SVG, it
// has a light and a dark face, and can be printed.
func (r *egressReport) html(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"minute": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" },
		"text":   printable,
	}).Parse(reportPage)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		*egressReport
		Chart dayChart
		Lists []ruleList
		Bars  []barChart
	}{r, newDayChart(r.Days), r.ruleLists(), []barChart{newBarChart("Destinations", r.Destinations), newBarChart("Programs", r.Programs), newBarChart("Blocked", r.Blocked)}})
}

// Measures of the chart by day, in SVG's units.
const (
	chartWidth  = 720.0
	chartHeight = 180.0
)

// dayChart is a column for each day.
type dayChart struct {
	Most    int64 // decisions of the highest column
	Columns []column
	Width   float64 // of all
	Height  float64
}

type column struct {
	reportDay
	X, Width           float64
	AllowedY, AllowedH float64
	DeniedY, DeniedH   float64
	Label              string // of some columns: the day
}

func newDayChart(days []reportDay) dayChart {
	c := dayChart{Width: chartWidth, Height: chartHeight}
	for _, d := range days {
		c.Most = max(c.Most, d.Allowed+d.Denied)
	}
	step := chartWidth / float64(max(len(days), 1))
	every := max(len(days)/8, 1)
	for i, d := range days {
		scale := chartHeight / float64(max(c.Most, 1))
		allowed, denied := float64(d.Allowed)*scale, float64(d.Denied)*scale
		col := column{
			reportDay: d, X: float64(i)*step + step*0.1, Width: step * 0.8,
			AllowedY: chartHeight - allowed, AllowedH: allowed, DeniedY: chartHeight - allowed - denied, DeniedH: denied,
		}
		if i%every == 0 {
			col.Label = d.Day[5:]
		}
		c.Columns = append(c.Columns, col)
	}
	return c
}

// barChart is a bar for each name.
type barChart struct {
	Title string
	Bars  []bar
}

type bar struct {
	reportCount
	AllowedWidth, DeniedWidth float64 // in percent of the longest
}

func newBarChart(title string, counts []reportCount) barChart {
	c := barChart{Title: title}
	most := int64(1)
	for _, x := range counts {
		most = max(most, x.total())
	}
	for _, x := range counts {
		c.Bars = append(c.Bars, bar{x, 100 * float64(x.Allowed) / float64(most), 100 * float64(x.Denied) / float64(most)})
	}
	return c
}

// Sum says both counts in words.
func (b bar) Sum() string { return fmt.Sprintf("%d allowed, %d denied", b.Allowed, b.Denied) }
