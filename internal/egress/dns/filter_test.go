package dns

import (
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestHTTPSRecordsHideNothing(t *testing.T) {
	w := open(t, rules, nil)
	record := func(params ...dnsmessage.SVCParam) *dnsmessage.HTTPSResource {
		return &dnsmessage.HTTPSResource{SVCBResource: dnsmessage.SVCBResource{Priority: 1, Target: mustName("."), Params: params}}
	}
	ech := dnsmessage.SVCParam{Key: dnsmessage.SVCParamECH, Value: []byte("keys")}
	hint := dnsmessage.SVCParam{Key: dnsmessage.SVCParamIPv4Hint, Value: []byte{10, 0, 0, 1}}
	alpn := func(list string) dnsmessage.SVCParam {
		return dnsmessage.SVCParam{Key: dnsmessage.SVCParamALPN, Value: []byte(list)}
	}
	for _, row := range []struct {
		name string
		in   *dnsmessage.HTTPSResource
		want []dnsmessage.SVCParam // nil: no record is left
	}{
		{"keys and addresses", record(alpn("\x02h2"), hint, ech), []dnsmessage.SVCParam{alpn("\x02h2")}},
		{"HTTP/3 besides HTTP/2", record(alpn("\x02h3\x02h2\x05h3-29")), []dnsmessage.SVCParam{alpn("\x02h2")}},
		{"HTTP/3 alone", record(alpn("\x02h3")), nil},
		{"keys that are mandatory", record(dnsmessage.SVCParam{Key: dnsmessage.SVCParamMandatory, Value: []byte{0, 5}}, ech), nil},
		{"protocols that cannot be read", record(alpn("\x09h2")), nil},
	} {
		w.up.put("mail.example", dnsmessage.TypeHTTPS, row.in)
		w.clock.Advance(1000e9)
		got := w.ask("mail.example", dnsmessage.TypeHTTPS)
		if len(got.Answers) != min(1, len(row.want)) {
			t.Errorf("%s: %v", row.name, got.GoString())
			continue
		}
		if len(got.Answers) == 0 {
			continue
		}
		params := got.Answers[0].Body.(*dnsmessage.HTTPSResource).Params
		if len(params) != len(row.want) || string(params[0].Value) != string(row.want[0].Value) {
			t.Errorf("%s: %v", row.name, params)
		}
	}
}
