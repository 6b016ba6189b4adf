//go:build servers && unix

package syslog

import (
	"net"
	"os/exec"
	"slices"
	"testing"

	"go.cordon.dev/cordon/internal/testdebian"
)

// Debian's logger speaks both forms of message, by UDP and TCP.
func TestDebiansLogger(t *testing.T) {
	logger := testdebian.Program(t, "bsdutils", "logger")
	d := open(t, usual)
	udp, tcp, _ := d.Addrs()
	want := 0
	for network, address := range map[string]string{"--udp": udp, "--tcp": tcp} {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"--rfc3164", "--rfc5424"} {
			for _, framing := range [][]string{nil, {"--octet-count"}} {
				if network == "--udp" && framing != nil {
					continue
				}
				want++
				args := append([]string{network, form, "--server", host, "--port", port, "--tag", "sshd", "--id=901", "--priority", "auth.info"}, framing...)
				if out, err := exec.Command(logger, append(args, "--", said(want))...).CombinedOutput(); err != nil {
					t.Fatalf("logger %v: %v\n%s", args, err, out)
				}
			}
		}
	}
	await(t, "the records", func() bool { return len(d.book.ports()) == want })
	ports := d.book.ports()
	slices.Sort(ports)
	if got := slices.Compact(ports); len(got) != want || d.Stats().Unknown != 0 {
		t.Errorf("ports %v, stats %+v", got, d.Stats())
	}
}
