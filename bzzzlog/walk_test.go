package bzzzlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen lists what Walk visits as "path=text", keys with a colon instead.
func seen(t *testing.T, raw string) []string {
	t.Helper()
	var got []string
	err := Walk([]byte(raw), Limits{}, func(v Value) bool {
		sep := "="
		if v.Key {
			sep = ":"
		}
		got = append(got, v.Path().String()+sep+string(v.Text))
		return true
	})
	if err != nil {
		t.Fatalf("walking %s: %v", raw, err)
	}
	return got
}

func TestWalkVisitsEveryKeyAndStringWithItsPath(t *testing.T) {
	cases := map[string]struct {
		raw  string
		want []string
	}{
		"a string alone":    {`"x"`, []string{"=x"}},
		"no strings":        {` [1, -0.5e+3, true, false, null, {}, []] `, nil},
		"nested":            {`{"data":{"env":{"TOKEN":"v"}}}`, []string{"data:data", "data.env:env", "data.env.TOKEN:TOKEN", "data.env.TOKEN=v"}},
		"arrays":            {`{"l":["a",{"b":"c"},[["d"]]]}`, []string{"l:l", "l[0]=a", "l[1].b:b", "l[1].b=c", "l[2][0][0]=d"}},
		"odd keys":          {`{"a.b":"1","":"2","ü":"3"}`, []string{`["a.b"]:a.b`, `["a.b"]=1`, `[""]:`, `[""]=2`, `["ü"]:ü`, `["ü"]=3`}},
		"escapes":           {`{"\u0061\n":"\u0041\ud83d\ude00\"\/\\\b\f\r\t"}`, []string{`["a\n"]` + ":a\n", `["a\n"]` + "=A😀\"/\\\b\f\r\t"}},
		"lone surrogates":   {`["\ud800","\udc00x","\ud800\u0041"]`, []string{"[0]=\ufffd", "[1]=\ufffdx", "[2]=\ufffdA"}},
		"both of two twins": {`{"a":"1","a":"2"}`, []string{"a:a", "a=1", "a:a", "a=2"}},
		"not UTF-8":         {"[\"a\xff\xfe\"]", []string{"[0]=a\xff\xfe"}},
		"control character": {"[\"a\x01\nb\"]", []string{"[0]=a\x01\nb"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, seen(t, c.raw)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWalkStopsWhenTold(t *testing.T) {
	for stop := 1; stop <= 4; stop++ {
		n := 0
		err := Walk([]byte(`{"a":["b",{"c":"d"}],`), Limits{}, func(Value) bool {
			n++
			return n < stop
		})
		if err != nil || n != stop {
			t.Errorf("stop after %d: visited %d, %v", stop, n, err)
		}
	}
}

func TestWalkRefuses(t *testing.T) {
	small := Limits{MaxBytes: 64, MaxDepth: 4, MaxValues: 8}
	cases := map[string]struct {
		raw  string
		want error
		says string
	}{
		"nothing":             {"", ErrSyntax, "byte 0"},
		"two values":          {`1 2`, ErrSyntax, "byte 2"},
		"open object":         {`{"a":1`, ErrSyntax, "byte 6"},
		"open string":         {`["abc`, ErrSyntax, "byte 1"},
		"no colon":            {`{"a" 1}`, ErrSyntax, "byte 5"},
		"no key":              {`{1:1}`, ErrSyntax, "no key"},
		"trailing comma":      {`[1,]`, ErrSyntax, "byte 3"},
		"comma in object":     {`{"a":1,}`, ErrSyntax, "no key"},
		"wrong bracket":       {`[1}`, ErrSyntax, "byte 2"},
		"unknown escape":      {`"\x41"`, ErrSyntax, "byte 1"},
		"short \\u":           {`"\u00g1"`, ErrSyntax, "escape"},
		"escaped end":         {`"a\"`, ErrSyntax, "without an end"},
		"backslash at end":    {`"\`, ErrSyntax, "escape"},
		"leading zero":        {`01`, ErrSyntax, "byte 1"},
		"bare minus":          {`-`, ErrSyntax, "digits"},
		"no fraction":         {`1.`, ErrSyntax, "point"},
		"no exponent":         {`1e+`, ErrSyntax, "exponent"},
		"half a word":         {`tru`, ErrSyntax, "no value"},
		"over the size":       {`"` + strings.Repeat("a", 64) + `"`, ErrTooLarge, "66 bytes, the limit is 64"},
		"over the depth":      {`[[[[[1]]]]]`, ErrTooDeep, "4 levels at byte 4"},
		"over the width":      {`[1,2,3,4,5,6,7,8]`, ErrTooWide, "8 at byte 15"},
		"over it with keys":   {`{"a":1,"b":2,"c":3,"d":4}`, ErrTooWide, "more than 8"},
		"at the limits of it": {`[[[["a"]]]]`, nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := Walk([]byte(c.raw), small, func(Value) bool { return true })
			if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %v that says %q", err, c.want, c.says)
			}
		})
	}
}

func TestABombCostsNoMemory(t *testing.T) {
	bombs := map[string][]byte{
		"deep": []byte(strings.Repeat(`{"a":`, 1<<20)),
		"wide": []byte("[" + strings.Repeat("1,", 2<<20) + "1]"),
	}
	for name, bomb := range bombs {
		perRun := testing.AllocsPerRun(3, func() {
			if err := Walk(bomb, Limits{}, func(Value) bool { return true }); err == nil {
				t.Errorf("%s: no error", name)
			}
		})
		if perRun > 100 {
			t.Errorf("%s: %v allocations", name, perRun)
		}
	}
}

func TestSourceOffsetLeadsBackToTheInput(t *testing.T) {
	raw := []byte(`{"k":"a\u0041\ud83d\ude00\nz"}`)
	want := map[int]string{0: `a\u0041`, 1: `\u0041\ud83d`, 2: `\ud83d\ude00\n`, 5: `\ud83d\ude00\n`, 6: `\nz"`, 7: `z"`, 8: `"}`, 99: `"}`}
	_ = Walk(raw, Limits{}, func(v Value) bool {
		for i, at := range want {
			if got := string(raw[v.SourceOffset(i):]); !v.Key && !strings.HasPrefix(got, at) {
				t.Errorf("byte %d comes from %q, want %q", i, got, at)
			}
		}
		return true
	})
}

// FuzzWalk holds Walk against encoding/json: what that reads, Walk walks, and
// sees the same keys and strings.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{`{"a":["b",{"c":"\u0041\ud83d\ude00"}],"n":-1.5e3}`, `[]`, `"\ud800"`, `{"a":1,"a":2}`, "[\"\xff\"]", `[[[[`, `{"a"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got []string
		err := Walk(raw, Limits{MaxDepth: 10_000}, func(v Value) bool {
			if v.Start < 0 || v.End > len(raw) || raw[v.Start] != '"' || raw[v.End-1] != '"' {
				t.Fatalf("literal [%d,%d) is no string", v.Start, v.End)
			}
			for i := range len(v.Text) + 1 {
				if at := v.SourceOffset(i); at <= v.Start || at >= v.End {
					t.Fatalf("byte %d comes from %d, outside of [%d,%d)", i, at, v.Start, v.End)
				}
			}
			_ = v.Path().String()
			got = append(got, string([]rune(string(v.Text))))
			return true
		})
		if !json.Valid(raw) {
			return // Walk may be more tolerant
		}
		if err != nil {
			t.Fatalf("encoding/json reads %q, Walk says %v", raw, err)
		}
		if want := reference(t, raw); !cmp.Equal(got, want) {
			t.Fatalf("%q:\n%s", raw, cmp.Diff(want, got))
		}
	})
}

// reference lists keys and strings as a json.Decoder's tokens have them.
func reference(t *testing.T, raw []byte) []string {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	var out []string
	for {
		token, err := d.Token()
		if err != nil {
			return out
		}
		if s, ok := token.(string); ok {
			out = append(out, s)
		}
	}
}

func ExampleWalk() {
	message := []byte(`{"type":"task","data":{"env":{"TOKEN":"gh\u0070_secret"},"steps":["build"]}}`)
	err := Walk(message, Limits{}, func(v Value) bool {
		if !v.Key {
			fmt.Printf("%s = %s\n", v.Path(), v.Text)
		}
		return true
	})
	fmt.Println(err)
	// Output:
	// type = task
	// data.env.TOKEN = ghp_secret
	// data.steps[0] = build
	// <nil>
}
