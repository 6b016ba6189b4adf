package detect

// mentioned is the short form of a regex for secrets that only the mention of
// their provider gives away: `the acme key is 0123...`.
type mentioned struct {
	// Names is a regex (any case) of the provider's name.
	Names string `yaml:"names"`
	// Value is the regex (case matters) of the secret.
	Value string `yaml:"value"`
}

// mentionGap is what stands between a name and its value: a dash; or at most 40
// bytes on the line, none of which is found in paths and addresses; or an operator
// and the beginning of the next line; or the rest of an address up to a parameter.
// The value stands alone: it is no part of a path, of a file name or of a longer
// word, but a word and a dash may lead to it.
const (
	mentionLine  = `[^/#@\r\n]{0,40}?`
	mentionAlone = `(?:[^\w\-/.@#%+\r\n]|[A-Za-z]-)`
	mentionGap   = `(?:-|` + mentionLine + mentionAlone + `|` + mentionLine + `[` + mentionOperators + `]\s{1,12}(?:` + mentionLine + mentionAlone + `)?` +
		`|[^\s"'<>]{1,120}?[?&][\w\-]{0,16}=)`

	mentionOperators = ">:=,({|" // what may end the line before the value's
)

// mentionEnd is what stands behind the value: nothing that would make it longer,
// nor the ending of a file name.
const mentionEnd = `(?:[^\w\-+/=.]|\.(?:\W|\z)|\z)`

func (m mentioned) regex() string {
	return "(?i:" + m.Names + ")" + mentionGap + "(?P<secret>" + m.Value + ")" + mentionEnd
}
