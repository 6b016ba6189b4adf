package condition_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/condition"
)

func language() condition.Language {
	return condition.Language{
		Variables: map[string]condition.Kind{"user": condition.Text, "count": condition.Whole, "at": condition.Moment, "attributes": condition.ByNames},
		MaxCost:   2_000, MaxText: 1_024, MaxItems: 16,
	}
}

func must(t *testing.T, text string) *condition.Condition {
	t.Helper()
	c, err := language().Compile(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

func TestWhatIsNotThereIsEmpty(t *testing.T) {
	vars := condition.Map{"user": "root", "count": int64(3), "at": time.Date(2026, 3, 14, 23, 0, 0, 0, time.UTC), "attributes": condition.Named(map[string]string{"path": "/a"})}
	for text, want := range map[string]bool{
		`attributes.path == "/a"`:              true,
		`attributes["path"].startsWith("/")`:   true,
		`attributes.status == ""`:              true,
		`"path" in attributes`:                 true,
		`"status" in attributes`:               false,
		`attributes.exists(k, k == "path")`:    true,
		`at.getHours() == 23 && count > 2`:     true,
		`user.within("10.0.0.0/8")`:            false,
		`attributes.status.matches("^5[0-9]")`: false,
	} {
		if got, err := must(t, text).Holds(vars); err != nil || got != want {
			t.Errorf("%s: %t, %v", text, got, err)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`has(attributes.path)`:          "has is not known here",
		`usr == "root"`:                 "undeclared reference to 'usr'",
		`attributes.path > 3`:           "no matching overload",
		`user.matches(attributes.path)`: "written out",
		`attributes.exists(k, attributes[k].contains("aaaaaaaaaaaaaaaaaaaaa"))`: "cost too much",
		`count`: "it is int and has to be true or false",
	} {
		if _, err := language().Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// Whenever a condition holds, all that it needs does: nothing that it wants is missed
// by those who look at its needs first. One that is whole holds whenever its needs do.
func TestNeedsAreNeeded(t *testing.T) {
	texts := []string{"", "a", "ab", "ba", "b"}
	pick := func(r *rand.Rand) string { return texts[r.IntN(len(texts))] }
	for text, want := range map[string]struct {
		needs int
		whole bool
	}{
		`user == "a"`:                                                         {1, true},
		`"ab" == attributes.x && user != "b"`:                                 {1, false},
		`user in ["a", "b"] && attributes["x"] == "a"`:                        {2, true},
		`user.contains("a") && attributes.x.endsWith("b")`:                    {2, true},
		`user.startsWith("") && attributes.x == ""`:                           {2, true},
		`(user == "a" && attributes.x.startsWith("a")) && user.endsWith("a")`: {3, true},
		`user.startsWith("b") || user == "a"`:                                 {0, false},
		`!(user == "a")`:                                                      {0, false},
		`user == attributes.x`:                                                {0, false},
		`user in []`:                                                          {0, false},
		`user == "a" && true`:                                                 {1, false},
		`(user == "a" ? attributes.x : "b") == "b"`:                           {0, false},
		`attributes.x + user == "ab" && user == "b"`:                          {1, false},
		`attributes.exists(k, k == "x") && user == "a"`:                       {1, false},
	} {
		c := must(t, text)
		if len(c.Needs()) != want.needs || c.Whole() != want.whole {
			t.Errorf("%s needs %v, whole: %t", text, c.Needs(), c.Whole())
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			all := map[string]string{"user": pick(r), "x": pick(r)}
			holds, err := c.Holds(condition.Map{"user": all["user"], "attributes": condition.Named(all)})
			if err != nil {
				t.Fatal(err)
			}
			needed := true
			for _, n := range c.Needs() {
				asked := all["user"]
				if n.Name != "" {
					asked = all[n.Name]
				}
				needed = needed && n.Holds(asked)
			}
			if holds && !needed || needed && c.Whole() && !holds {
				t.Errorf("%s of %v: %t, its needs: %t", text, all, holds, needed)
			}
		}
	}
}
