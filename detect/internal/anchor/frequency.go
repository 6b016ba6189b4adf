package anchor

import "math"

// How often bytes stand in text, measured over 3 MiB of Go's source and 3 MiB of
// the documentation of Debian's packages. It only decides which windows are
// chosen; a text of another kind is searched more slowly, not otherwise.

// Bytes are told apart in text as letters of any case, digits, blanks, these
// signs, and all others.
const kinds = `abcdefghijklmnopqrstuvwxyz0_-./ =:"`

const (
	otherKind  = len(kinds)
	kindsCount = len(kinds) + 1
)

// alone and pairs hold chances as letters: 'a' is 1, 'c' a half, 'e' a quarter,
// and so on by half powers of two. alone is the chance of a byte, a row of pairs
// that of a byte after the byte of that row.
const (
	alone = "jnklimnmjsqkmjjlujjimnpmotpppmmfooor"
	pairs = "" +
		"skjiqolvlvngjgwjyhhgllqqovtttrvjzqtt" + // a
		"jolngppuikuhruioxglphrvoipqrrholymst" + // b
		"gqnqhpnimuiioqepwklhlpvvqwqosmrjvprs" + // c
		"jonjeprshuumqqjqtllnmqsqoxrookpfqmor" + // d
		"kpjimlntqnullhqmpghjtknjpxtppmmftnps" + // e
		"iqonjirugzyknogpxkkkhvvwpypoqovfkors" + // f
		"mslrfrpjgzvkpjhnvjilmpsvtrtlqkmgqrnr" + // g
		"gwtrdutvhyvmprisyjogixvwsvtqsouirnqu" + // h
		"mljkljkwuwsikeilxlhgvlxnznyosrtnzyuv" + // i
		"hqrqgrrunrptprjpsqcrkspstuvwtlumywru" + // j
		"hppoeplpiusoqlmosqjnmsquptvlokqfqqmr" + // k
		"iqrkfqosgorgtphryrjjjrswlwunpmlhupnt" + // l
		"flqmfstthusjjrhhvrlmlrvuqzunqnjjxvrt" + // m
		"isihinhsktooqnhrxsifmnvxnwvromsgspps" + // n
		"nmjhpiormunkiglizgkjjllsvtwqsosizrrw" + // o
		"gplogrrpjypjmshiugiijrtsluuprmskyort" + // p
		"nmnnnnqpqqropoqonmoncroqprpmqkvippkq" + // q
		"ismnenkuhznnmjhqyjjjkorwmyvopmrgtrpr" + // r
		"lsjqgsqlizpmoqkkwnigkurvlvuookkfmkos" + // s
		"jsnogptghzwonqikyilkksoqkvroplogunps" + // t
		"mikmhlmwizuhkfskxghhvuwkvwwwzrwmywwy" + // u
		"folndqqpjwvrprmpvqpornqkxzojnhskwuot" + // v
		"fqoqisqhfuupslhpuhkqplmtvspqqltjvtrt" + // w
		"mnmojnvujywtlnqkxpljsulqpnjnrnqjwnqs" + // x
		"moqsnrrqnwpmjlkfvjiipnonoowoplseronq" + // y
		"jqiqcqtnjtslmsisskqspmqrpmrmuookusms" + // z
		"lnlnnmwvuyyurvvtxvsrtwyhzwjopkrhylop" + // digits
		"jmjkiklmirnmkmjjqihjnklomtnlzwxlzznt" + // _
		"klkmmlonlrnklmlktmjkknnowrnzesxgtzss" + // -
		"imhmkkmklornkkjjxkjjnpnouvnuznrfzzst" + // .
		"joilooiopqukphpjvpklotopvvqwytefzzrv" + // /
		"kmknllookttnmmlmvlkjnmmqpspqotmdmnnq" + // blanks
		"vxvxywuxyzzwwwxwzxwvwuzwuzyzwyxbfzfv" + // =
		"srpsvtuutxyrvovtvvtswvtwvxuxzzgbfosu" + // :
		"lnlmllljltummlnmtnkknpopusrupooguknn" + // "
		"llmnooqnmttonnontollpnqmssrsqoldoono" //   others
)

// kindOf returns the index of a byte's kind.
func kindOf(c byte) int {
	switch c = fold(c); {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return 26
	}
	for i := 27; i < len(kinds); i++ {
		if kinds[i]|0x20 == c {
			return i
		}
	}
	return otherKind
}

func chance(letter byte) float64 { return chances[letter-'a'] }

// chances are those of the letters.
var chances = func() (t ['z' - 'a' + 1]float64) {
	for i := range t {
		t[i] = math.Exp2(-float64(i) / 2)
	}
	return t
}()

// shareOf estimates at which share of places s stands in a text.
func shareOf(s string) float64 {
	if share := counted()[s]; share > 0 {
		return share
	}
	prev := kindOf(s[0])
	share := chance(alone[prev])
	for i := 1; i < len(s); i++ {
		k := kindOf(s[i])
		share *= chance(pairs[prev*kindsCount+k])
		prev = k
	}
	return share
}
