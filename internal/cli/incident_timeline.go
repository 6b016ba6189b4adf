package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// showTimeline writes the lines of an incident, oldest first, and counts those that it
// has not.
func showTimeline(w io.Writer, i api.IncidentDetail) error {
	for _, e := range slices.Backward(i.Timeline) {
		who := cmp.Or(e.By, e.Sensor)
		if _, err := fmt.Fprintf(w, "%s  %-9s  %-12s  %s\n", e.At.Local().Format(time.DateTime), e.Kind, oneLine(who), oneLine(e.Words)); err != nil {
			return err
		}
	}
	for _, o := range i.Omitted {
		if _, err := fmt.Fprintln(w, omittedWords(o)); err != nil {
			return err
		}
	}
	return nil
}

func omittedWords(o api.IncidentOmitted) string {
	of := o.Kind + "s"
	switch {
	case o.Sensor != "":
		of = o.Sensor + " " + of
	case o.Kind == "human":
		of = "lines of people"
	}
	words := fmt.Sprintf("%d more %s, at most %s, between %s and %s", o.Times, of, o.Severity, localTime(o.From), localTime(o.Until))
	if gone := o.Times - o.Kept; gone > 0 {
		words += fmt.Sprintf("; %d of them were only counted", gone)
	}
	return words
}
