package command

import "testing"

// A person reads a file on a terminal: page by page, back, and looks for a word.
func TestPagersOnATerminal(t *testing.T) {
	for program, steps := range map[string][][2]string{
		"less /tmp/long":       {{"", "line 23\r\n"}, {"", "/tmp/long"}, {" ", "line 46\r\n"}, {"\r", "line 47\r\n"}, {"b", "line 2\r\n"}, {"/line 91\r", "line 91\r\n"}, {"/nowhere\r", "Pattern not found"}, {"G", "(END)"}, {"g", "line 1\r\n"}, {"q", "# "}},
		"cat /tmp/long | less": {{"", "line 23\r\n"}, {" ", "line 46\r\n"}, {"q", "# "}},
		"more /tmp/long":       {{"", "line 23\r\n"}, {"", "--More--(23%)"}, {" ", "line 46\r\n"}, {"\r", "line 47\r\n"}, {"q", "# "}},
	} {
		s, _ := sit(t, "root")
		s.types("seq -f 'line %g' 100 > /tmp/long\r")
		s.shows("# ")
		s.types(program + "\r")
		for _, step := range steps {
			s.types(step[0])
			s.shows(step[1])
		}
	}
}
