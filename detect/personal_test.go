package detect

import (
	"strings"
	"testing"
)

func TestNumbersOfPeopleAreChecked(t *testing.T) {
	for _, tt := range []struct {
		check string
		text  string
		want  bool
	}{
		{"card", "4539 5787 6362 1486", true}, // cordon:allow
		{"card", "4539 5787 6362 1487", false},
		{"card", strings.Repeat("0", 16), false},
		{"card", strings.Repeat("4", 16), false},
		{"card", "9" + "539578763621481", false},
		{"card", "3782 8224 6310 005", true}, // American Express, of its tests // cordon:allow
		{"card", "378282246310006", false},
		{"card", "12345678901", false},
		{"ssn", "536-90-4399", true}, // cordon:allow
		{"ssn", "000-90-4399", false}, {"ssn", "666-90-4399", false}, {"ssn", "900-90-4399", false}, {"ssn", "536-00-4399", false}, {"ssn", "536-90-0000", false},
		{"ssn", "078-05-1120", false}, {"ssn", "111-11-1111", false}, {"ssn", "123", false},
		{"iban", "DE89 3704 0044 0532 0130 00", true}, // cordon:allow
		{"iban", "gb29nwbk60161331926819", true},      // cordon:allow
		{"iban", "NO93" + "86011117947", true},        // cordon:allow
		{"iban", "DE88 3704 0044 0532 0130 00", false},
		{"iban", "DE8937040044053201300", false},
		{"iban", "XX89370400440532013000", false},
		{"iban", "DE", false},
	} {
		v := validatorNamed(tt.check)([]byte(tt.text), 0, len(tt.text))
		if v.reject == tt.want {
			t.Errorf("%s %s: %+v", tt.check, tt.text, v)
		}
	}
}

func TestLengthsOfIBANsCoverTheRegistry(t *testing.T) {
	for country, want := range map[string]int{"AD": 24, "NO": 15, "MT": 31, "RU": 33, "YE": 30, "IE": 22, "SC": 31, "US": 0, "D8": 0, "": 0} {
		if got := ibanLength(country); got != want {
			t.Errorf("%s: %d, want %d", country, got, want)
		}
	}
}

func FuzzPersonal(f *testing.F) {
	f.Add([]byte("DE89 3704 0044 0532 0130 00")) // cordon:allow
	f.Add([]byte("4111-1111"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{"card", "ssn", "iban"} {
			if v := validatorNamed(name)(text, 0, len(text)); !v.reject && len(text) < 9 {
				t.Errorf("%s takes %q", name, text)
			}
		}
	})
}
