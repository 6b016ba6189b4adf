package detect

// mentioned is the short form of a regex for secrets that only the mention of
// their provider gives away: `the acme key is 0123...`.
type mentioned struct {
	// Names is a regex (any case) of the provider's name.
	Names string `yaml:"names"`
	// Value is the regex (case matters) of the secret.
	Value string `yaml:"value"`
}

// Between a name and its value stand at most 40 bytes, none of which is found in
// paths and addresses. The value stands alone: it is no part of a path, of a file
// name or of a longer word, but a word and a dash may lead to it.
const (
	mentionReach = `[^/#@]{0,40}?`
	mentionAlone = `(?:[^\w\-/.@#%+]|[A-Za-z]-)`
)

func (m mentioned) regex() string {
	return "(?i:" + m.Names + ")" + mentionReach + mentionAlone + "(?P<secret>" + m.Value + ")(?:[^\\w\\-+/=]|\\z)"
}
