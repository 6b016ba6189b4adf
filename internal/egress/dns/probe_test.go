package dns

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// A probe is answered in every mode, is on no record, and reaches nobody else.
func TestAProbeIsAnsweredAndTellsNobody(t *testing.T) {
	w := open(t, "mode: strict\n", nil)
	why := "a drill"
	w.stopOn.Store(&why)
	if err := Probe(t.Context(), w.addr); err != nil {
		t.Error(err)
	}
	if decided, _ := w.records(); len(decided) != 0 || len(w.up.heard()) != 0 {
		t.Errorf("%d records, the upstream heard %v", len(decided), w.up.heard())
	}
}

// Who does not answer by one of the two ways, or is somebody else, fails.
func TestAProbeFindsWhoDoesNotAnswer(t *testing.T) {
	stranger := newZone(t)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = udp.Close()
	deaf := netip.MustParseAddrPort(udp.LocalAddr().String())
	half := newZone(t)
	half.address("localhost", "127.0.0.1")
	half.twisted(func(network string, m dnsmessage.Message) []byte {
		if network == "tcp" {
			return nil
		}
		return pack(half.fill(m, "localhost"))
	})
	for want, server := range map[string]netip.AddrPort{
		"no name server of Cordon": stranger.doors.Addr(), "by udp": deaf, "by tcp": half.doors.Addr(),
	} {
		if err := Probe(t.Context(), server); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// Each upstream server is asked, for the root alone.
func TestUpstreamsAreAskedOneByOne(t *testing.T) {
	broken := newZone(t)
	broken.twisted(func(_ string, m dnsmessage.Message) []byte {
		m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeServerFailure, nil
		return pack(m)
	})
	w := open(t, rules, nil)
	w.s.o.Upstream = func() []netip.AddrPort { return []netip.AddrPort{w.up.doors.Addr(), broken.doors.Addr()} }
	got := w.s.Upstreams(t.Context())
	if len(got) != 2 || got[0].Server != w.up.doors.Addr() || got[0].Err != nil || got[1].Err == nil || !strings.Contains(got[1].Err.Error(), "ServerFailure") {
		t.Errorf("%+v", got)
	}
	if heard := w.up.heard(); len(heard) != 1 || heard[0] != "" {
		t.Errorf("it heard %q", heard)
	}
	if stats := w.s.Stats(); stats.Questions != 0 {
		t.Errorf("%+v", stats)
	}
}
