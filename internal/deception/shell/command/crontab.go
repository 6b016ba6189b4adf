package command

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// crontabInstall checks a table and puts it into place.
func crontabInstall(ctx context.Context, p *shell.Proc, files *vfs.View, name string, user shell.User, from string) int {
	b, err := readAll(ctx, p, from)
	if err != nil {
		fmt.Fprintf(p.Err, "%s: %s\n", from, reason(err))
		return 1
	}
	for i, line := range splitLines(b) {
		if problem := crontabLine(line); problem != "" {
			fmt.Fprintf(p.Err, "%q:%d: %s\nerrors in crontab file, can't install.\n", from, i, problem)
			return 1
		}
	}
	if err := files.WriteFile(name, b, 0o600); err != nil {
		fmt.Fprintf(p.Err, "crontabs/%s: %s\n", user.Name, reason(err))
		return 1
	}
	_ = files.Chown(name, user.UID, 101)
	return 0
}

// crontabLine says what is wrong with a line, "" when nothing is.
func crontabLine(line string) string {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || regexp.MustCompile(`^[A-Za-z_"']\w*["']?\s*=`).MatchString(line) {
		return ""
	}
	if line[0] == '@' {
		if name, _, _ := strings.Cut(line, " "); !strings.Contains(" @reboot @yearly @annually @monthly @weekly @daily @midnight @hourly ", " "+name+" ") {
			return "bad time specifier"
		}
		return ""
	}
	f := strings.Fields(line)
	for i, what := range []string{"minute", "hour", "day-of-month", "month", "day-of-week"} {
		if i >= len(f) || !regexp.MustCompile(`^[0-9A-Za-z*,/-]+$`).MatchString(f[i]) {
			return "bad " + what
		}
		if i < 3 && strings.ContainsFunc(f[i], func(r rune) bool { return r >= 'A' }) {
			return "bad " + what
		}
	}
	if len(f) < 6 {
		return "bad command"
	}
	return ""
}
