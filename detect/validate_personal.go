package detect

import "slices"

// cardRange is a range of issuer identification numbers, by their first four
// digits, and how long their numbers are (ISO/IEC 7812-1; the networks' own
// tables of ranges).
type cardRange struct {
	from, to       int
	least, longest int
}

func cardRanges() []cardRange {
	return []cardRange{
		{4000, 4999, 13, 19},                       // Visa
		{5100, 5599, 16, 16}, {2221, 2720, 16, 16}, // Mastercard
		{3400, 3499, 15, 15}, {3700, 3799, 15, 15}, // American Express
		{3000, 3059, 14, 19}, {3095, 3095, 14, 19}, {3600, 3699, 14, 19}, {3800, 3999, 14, 19}, // Diners Club
		{6011, 6011, 16, 19}, {6440, 6599, 16, 19}, // Discover
		{3528, 3589, 16, 19},                       // JCB
		{6200, 6299, 16, 19}, {8100, 8171, 16, 19}, // UnionPay
		{5000, 5099, 12, 19}, {5600, 5899, 12, 19}, {6304, 6304, 12, 19}, {6759, 6763, 12, 19}, // Maestro
		{2200, 2204, 16, 19}, // Mir
	}
}

// validCard checks a card's number: the range of its issuer, its length there, and
// its digit sum. The numbers that payment services document for tests are kept
// below the default.
func validCard(text []byte, start, end int) verdict {
	digits := digitsOf(text[start:end])
	if len(digits) < 12 || len(digits) > 19 || alike(digits) || validLuhn(digits, 0, len(digits)).reject {
		return verdict{reject: true}
	}
	head := int(digits[0]-'0')*1000 + int(digits[1]-'0')*100 + int(digits[2]-'0')*10 + int(digits[3]-'0')
	if !slices.ContainsFunc(cardRanges(), func(r cardRange) bool {
		return head >= r.from && head <= r.to && len(digits) >= r.least && len(digits) <= r.longest
	}) {
		return verdict{reject: true}
	}
	if slices.Contains(testCards(), string(digits)) {
		return verdict{confidence: 0.3}
	}
	return verdict{}
}

// testCards are what the networks and payment services give out for tests.
func testCards() []string {
	return []string{
		"4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556", "4222222222222", "5555555555554444", "5105105105105100", // cordon:allow
		"2223003122003222", "378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "30569309025904", "38520000023237", "3530111333300000", // cordon:allow
	}
}

func digitsOf(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	return out
}

// alike says whether all are the same.
func alike(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != b[0] })
}

// validSSN refuses numbers that were never given out (20 CFR 422.103; SSA, "Social
// Security Number Randomization", 2011): area 000, 666 and 900 to 999, group 00,
// serial 0000, and three that stood in advertisements.
func validSSN(text []byte, start, end int) verdict {
	d := digitsOf(text[start:end])
	if len(d) != 9 || alike(d) {
		return verdict{reject: true}
	}
	area, group, serial := string(d[:3]), string(d[3:5]), string(d[5:])
	never := area == "000" || area == "666" || area[0] == '9' || group == "00" || serial == "0000"
	printed := slices.Contains([]string{"078051120", "219099999", "457555462", "123456789"}, string(d))
	return verdict{reject: never || printed}
}

// validIBAN checks the length that the country's numbers have (the SWIFT registry
// of IBANs, release 99) and the remainder by 97 (ISO 13616, ISO 7064).
func validIBAN(text []byte, start, end int) verdict {
	var compact [35]byte
	n := 0
	for _, c := range text[start:end] {
		if c == ' ' || c == '-' {
			continue
		}
		if n == len(compact) {
			return verdict{reject: true}
		}
		compact[n] = c
		if c >= 'a' && c <= 'z' {
			compact[n] -= 'a' - 'A'
		}
		n++
	}
	if n < 15 || ibanLength(string(compact[:2])) != n || alike(compact[4:n]) {
		return verdict{reject: true}
	}
	rest := 0
	for i := range n {
		switch c := compact[(i+4)%n]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return verdict{reject: true}
		}
	}
	if rest != 1 {
		return verdict{reject: true}
	}
	return verdict{}
}

// ibanLength is how long a country's numbers are; 0: it has none.
func ibanLength(country string) int {
	const lengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28" +
		"IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24" +
		"SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"
	for i := 0; i < len(lengths); i += 4 {
		if lengths[i:i+2] == country {
			return int(lengths[i+2]-'0')*10 + int(lengths[i+3]-'0')
		}
	}
	return 0
}
