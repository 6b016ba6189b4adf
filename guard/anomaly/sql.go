package anomaly

import "strings"

// sql finds what turns a value into a part of a statement: a comparison that is always
// true behind the value's end, a second SELECT or statement, a function that waits or
// tells by its errors, a comment that drops the rest. Whole statements are none: tools
// for databases send them.
func sql(text string) int {
	text = strings.ReplaceAll(text, "/**/", " ")
	if strings.ContainsAny(text, "\t\n\r") {
		text = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(text)
	}
	for _, find := range [...]func(string) int{union, tautology, waits, stacked, commented} {
		if at := find(text); at >= 0 {
			return at
		}
	}
	return -1
}

// nearby is how much of a text before and behind a word is looked at, in bytes: whoever
// repeats the word pays for all.
const nearby = 256

// each calls hit with what stands before and behind each place of a word, until that
// says that it is one; at is where it stands.
func each(text, word string, hit func(before, after string) bool) (at int) {
	for from := 0; ; {
		next := strings.Index(text[from:], word)
		if next < 0 {
			return -1
		}
		at = from + next
		from = at + len(word)
		if hit(strings.TrimRight(text[max(0, at-nearby):at], " "), strings.TrimLeft(text[from:min(len(text), from+nearby)], " ")) {
			return at
		}
	}
}

// union is a second SELECT: what it selects is a number, NULL, a variable or a list.
func union(text string) int {
	return each(text, "union", func(_, after string) bool {
		for _, word := range [...]string{"all ", "distinct "} {
			after = strings.TrimLeft(strings.TrimPrefix(after, word), " ")
		}
		what, ok := strings.CutPrefix(strings.TrimLeft(after, "("), "select")
		if !ok || what == "" {
			return false
		}
		what = strings.TrimLeft(what, " ")
		first, _, _ := strings.Cut(what, " ")
		return what != "" && strings.IndexByte("0123456789'\"@*", what[0]) >= 0 || strings.HasPrefix(what, "null") || strings.HasPrefix(what, "char(") ||
			strings.Contains(first, ",") && !strings.HasSuffix(first, ",") || strings.Contains(first, "(")
	})
}

// tautology is a comparison behind OR or AND of two equal texts or numbers, or, behind a
// quote, of any two numbers.
func tautology(text string) int {
	if !strings.Contains(text, "=") {
		return -1
	}
	for _, word := range [...]string{"or ", "and ", "or(", "and(", "||", "&&", "or'", "or\""} {
		if at := each(text, word, func(before, after string) bool { return compares(before, word[len(word)-1:]+after) }); at >= 0 {
			return at
		}
	}
	return -1
}

func compares(before, after string) bool {
	if before == "" {
		return false
	}
	end := before[len(before)-1]
	quoted := strings.IndexByte("'\")`", end) >= 0
	if !quoted && (end < '0' || end > '9') {
		return false
	}
	left, right, ok := strings.Cut(after[:min(len(after), 64)], "=")
	if !ok {
		return false
	}
	left, right = strings.Trim(left, " '\"()|&`"), operand(right)
	if left == right {
		return len(left) < 24 && !strings.Contains(left, " ") && (left != "" || quoted && strings.ContainsAny(after, "'\""))
	}
	return quoted && end != ')' && isDigits(left) && isDigits(right)
}

// operand is what stands right of a comparison, without quotes.
func operand(s string) string {
	s = strings.TrimLeft(s, " '\"(`")
	if end := strings.IndexAny(s, " '\")`;#-&|"); end >= 0 {
		s = s[:end]
	}
	return s
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// waits is a function by which one who sees no answer tells that it ran, or that tells
// by an error.
func waits(text string) int {
	if !strings.ContainsAny(text, "'\"0123456789") || !strings.ContainsAny(text, "(_") && !strings.Contains(text, "delay") {
		return -1
	}
	for _, word := range [...]string{"sleep(", "pg_sleep(", "benchmark(", "waitfor delay", "extractvalue(", "updatexml(", "xp_cmdshell", "dbms_pipe.receive_message"} {
		at := each(text, word, func(before, after string) bool {
			digit := after != "" && strings.IndexByte("0123456789'", after[0]) >= 0
			return digit && inStatement(before)
		})
		if at >= 0 {
			return at
		}
	}
	return -1
}

// inStatement reports whether a text ends as a statement does before a function: no
// sentence, and no name of a module.
func inStatement(before string) bool {
	for _, end := range [...]string{"'", "\"", ";", ",", "||", "&&", "select", " and", " or", "xor", "select(", "'(", "if(now()=sysdate()", "exec", "pg_"} {
		if strings.HasSuffix(before, end) {
			return strings.ContainsAny(before, "'\"") || strings.Contains(before, "select") || isDigits(strings.TrimRight(before[:1], " ")) || before == ";"
		}
	}
	return false
}

// stacked is a second statement behind the value's end.
func stacked(text string) int {
	return each(text, ";", func(before, after string) bool {
		if before == "" || strings.IndexByte("'\")0123456789", before[len(before)-1]) < 0 {
			return false
		}
		for _, begin := range [...]string{"drop table ", "drop database ", "truncate table ", "delete from ", "insert into ", "exec xp_", "exec master", "shutdown--", "shutdown --"} {
			if strings.HasPrefix(after, begin) {
				return true
			}
		}
		return false
	})
}

// commented is a quote that ends the value and a comment that drops the rest.
func commented(text string) int {
	end := strings.TrimRight(text, " -+")
	dropped := text[len(end):]
	if strings.HasSuffix(end, "#") {
		end, dropped = strings.TrimRight(end[:len(end)-1], " "), "--"
	}
	end = strings.TrimRight(end, " )")
	quote := strings.LastIndexAny(end, `'"`)
	if !strings.Contains(dropped, "--") || quote < 0 || quote != len(end)-1 || strings.Count(end, end[quote:])%2 == 0 {
		return -1
	}
	return quote
}
