package service_test

import (
	"bytes"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

var client, local = netip.MustParseAddrPort("[::ffff:203.0.113.9]:40022"), netip.MustParseAddrPort("192.0.2.7:22")

func session(t *testing.T) (*service.Session, *servicetest.Sink, *clock.Fake) {
	t.Helper()
	sink, c := &servicetest.Sink{}, clock.NewFake(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	return service.NewSession(sink, c, "web-1", "ssh", client, local), sink, c
}

func TestASessionIsNumberedAndBelongsToSomebody(t *testing.T) {
	s, sink, c := session(t)
	c.Advance(time.Second)
	s.Record(service.Command, []byte("id\n"), service.Field{Name: "line", Value: "id"})
	s.Attempt(service.Credential{Kind: service.Plaintext, Principal: "root", Secret: []byte{0, 0xff}})
	s.End("the client left")
	all := sink.All()
	if len(all) != 4 {
		t.Fatalf("%d observations, want 4", len(all))
	}
	for i, o := range all {
		if o.Number != uint64(i+1) || o.Session != s.ID() || o.Decky != "web-1" || o.Service != "ssh" || o.Client.String() != "203.0.113.9:40022" || o.Local != local {
			t.Errorf("observation %d is %+v", i, o)
		}
	}
	if got := all[1]; got.At.Sub(all[0].At) != time.Second || string(got.Raw) != "id\n" || servicetest.Field(got, "line") != "id" {
		t.Errorf("the command is %+v", got)
	}
	if got := all[2]; got.Type != service.LoginAttempt || !bytes.Equal(got.Credential.Secret, []byte{0, 0xff}) {
		t.Errorf("the attempt is %+v", got)
	}
}

// What is cut off a long value is not held on to: observations wait for the store, and
// wait as what they are counted as.
func TestWhatIsCutOffIsNotHeld(t *testing.T) {
	const kept, long = 200, 1 << 20
	s, sink, _ := session(t)
	before := heap()
	for i := range kept {
		text := strings.Repeat(string(rune('a'+i%26)), long)
		s.Record(service.Fetch, nil, service.Field{Name: "line", Value: text})
		s.Attempt(service.Credential{Kind: service.Plaintext, Principal: text})
	}
	if held := heap() - before; held > kept*8*service.MaxField {
		t.Errorf("%d observations of %d bytes at most hold %d MiB", len(sink.All()), service.MaxField, held>>20)
	}
}

func heap() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// Nothing that a client does makes its session grow without bound, and what was
// not kept is told.
func TestASessionIsBounded(t *testing.T) {
	s, sink, _ := session(t)
	long := strings.Repeat("x", 1<<20)
	s.Record(service.Command, []byte(long), service.Field{Name: "line", Value: long})
	s.Keep(service.Artifact{Path: long, Data: []byte(long)})
	for range service.MaxArtifacts {
		s.Keep(service.Artifact{Data: []byte("x")})
	}
	for range service.MaxObservations {
		s.Record(service.Command, nil)
	}
	s.End("too much")
	all := sink.All()
	if len(all) != service.MaxObservations+1 {
		t.Fatalf("%d observations are kept", len(all))
	}
	if o := all[1]; len(o.Raw) != service.MaxRaw || len(o.Fields[0].Value) != service.MaxField {
		t.Errorf("a long line keeps %d and %d bytes", len(o.Raw), len(o.Fields[0].Value))
	}
	if a := all[2].Artifact; len(a.Path) != service.MaxField || a.Size != 1<<20 {
		t.Errorf("a file keeps a path of %d bytes and the size %d", len(a.Path), a.Size)
	}
	if a := all[2+service.MaxArtifacts].Artifact; len(a.Data) != 0 || a.Size != 1 {
		t.Errorf("one file too many keeps %d bytes and the size %d", len(a.Data), a.Size)
	}
	if end := all[len(all)-1]; end.Type != service.Disconnected || end.Dropped != service.MaxArtifacts+3 {
		t.Errorf("the end is %+v", end)
	}
}

// Much that is long is kept to a bound in bytes, and hides nothing that is short
// and comes behind it.
func TestASessionIsBoundedInBytes(t *testing.T) {
	long := strings.Repeat("x", service.MaxRaw)
	ways := map[string]func(*service.Session){
		"sent": func(s *service.Session) { s.Record(service.Request, []byte(long)) },
		"in fields": func(s *service.Session) {
			s.Record(service.Command, nil, slices.Repeat([]service.Field{{Name: "line", Value: long}}, service.MaxFields)...)
		},
		"tried": func(s *service.Session) {
			s.Attempt(service.Credential{Principal: long, Secret: []byte(long), Details: []service.Field{{Name: "realm", Value: long}}})
		},
		"path": func(s *service.Session) { s.Keep(service.Artifact{Path: long}) },
	}
	for name, do := range ways {
		t.Run(name, func(t *testing.T) {
			s, sink, _ := session(t)
			for range service.MaxObservations - 10 {
				do(s)
			}
			s.Record(service.Command, nil, service.Field{Name: "line", Value: "rm -rf /"})
			s.End("done")
			kept, all := 0, sink.All()
			for _, o := range all {
				kept += bytesOf(o)
			}
			if kept > service.MaxEvidence+service.MaxObservations {
				t.Errorf("%d bytes are kept", kept)
			}
			last, end := all[len(all)-2], all[len(all)-1]
			if servicetest.Field(last, "line") != "rm -rf /" || end.Dropped != uint64(service.MaxObservations-8-len(all)+1) {
				t.Errorf("what came last is %q; %d are kept and %d counted as dropped", last.Fields, len(all), end.Dropped)
			}
		})
	}
}

// bytesOf is how much of what a client said an observation holds.
func bytesOf(o service.Observation) int {
	n := len(o.Raw)
	fields := o.Fields
	if c := o.Credential; c != nil {
		n += len(c.Principal) + len(c.Secret)
		fields = append(fields, c.Details...)
	}
	if o.Artifact != nil {
		n += len(o.Artifact.Path)
	}
	for _, f := range fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

func TestAScreenIsBoundedAndTimed(t *testing.T) {
	s, sink, c := session(t)
	v := s.Screen(80, 24)
	c.Advance(1500 * time.Millisecond)
	buffer := []byte("$ ")
	v.Output(buffer)
	buffer[0] = '!' // the record is a copy
	v.Input([]byte("i"))
	v.Resize(120, 40)
	frames := sink.Frames()
	if len(frames) != 4 || frames[0].Columns != 80 || frames[1].Elapsed != 1500*time.Millisecond || string(frames[1].Data) != "$ " || frames[3].Rows != 40 {
		t.Errorf("frames %+v", frames)
	}
	for range 20 {
		v.Output(make([]byte, 1<<20))
	}
	s.End("")
	all := sink.All()
	if got := len(sink.Frames()); got != 4+15 || all[len(all)-1].Dropped != 5 {
		t.Errorf("%d frames are kept, %d are counted as dropped", got, all[len(all)-1].Dropped)
	}
}

func TestConfigurationsAreStrict(t *testing.T) {
	var into struct {
		Auth string `yaml:"auth"`
	}
	if err := (service.Config{"auth": "md5"}).Decode(&into); err != nil || into.Auth != "md5" {
		t.Errorf("%+v, error %v", into, err)
	}
	if err := (service.Config{"auht": "md5"}).Decode(&into); err == nil || !strings.Contains(err.Error(), "auht") {
		t.Errorf("error %v, want one that names auht", err)
	}
	if err := (service.Config{"auth": []int{1}}).Decode(&into); err == nil {
		t.Error("a list is taken for a text")
	}
}
