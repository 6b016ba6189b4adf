package main

import (
	"bufio"
	"fmt"
	"net/http"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// meanQuery is the mean time of a statement in the database since the start, as
// the server's own histogram has it.
func meanQuery(s *served.Server) (time.Duration, error) {
	res, err := http.Get(s.URL + "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	var sum, count float64
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "cordon_store_query_seconds_sum %g", &sum)
		_, _ = fmt.Sscanf(lines.Text(), "cordon_store_query_seconds_count %g", &count)
	}
	if count == 0 {
		return 0, fmt.Errorf("no cordon_store_query_seconds at %s/metrics", s.URL)
	}
	return time.Duration(sum / count * float64(time.Second)), nil
}
