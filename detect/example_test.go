package detect_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// newScanner is how most programs begin.
func newScanner() *detect.Scanner {
	rules, err := detect.BuiltinRules()
	if err != nil {
		log.Fatal(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return detect.NewScanner(set)
}

// fakeToken is a token with a right checksum that was never given to anybody.
func fakeToken() string {
	token, err := detect.ExpandExample("{{github:ghp}}")
	if err != nil {
		log.Fatal(err)
	}
	return token
}

func Example() {
	message := []byte(`{"from":"agent-7","data":{"note":"use ` + fakeToken() + ` to push"}}`)
	report := newScanner().Scan(message, func(f detect.Finding) bool {
		fmt.Println(f.Rule.ID, f.Rule.SecretType, f.Severity, f.Confidence)
		fmt.Printf("line %d, column %d, %d bytes\n", f.Line, f.Column, f.End-f.Start)
		fmt.Println("printed:", f.Secret)
		return true
	})
	fmt.Println("clean:", report.Findings == 0 && report.Complete())
	// Output:
	// github-pat GITHUB_TOKEN high 0.99
	// line 1, column 39, 40 bytes
	// printed: [redacted]
	// clean: false
}

func ExampleScanner_ScanReader() {
	stream := strings.NewReader("first line\nAuthorization: token " + fakeToken() + "\n")
	report, err := newScanner().ScanReader(context.Background(), stream, func(f detect.Finding) bool {
		fmt.Printf("%d:%d %s\n", f.Line, f.Column, f.Rule.ID)
		return true
	})
	fmt.Println(report.Bytes, report.Complete(), err)
	// Output:
	// 2:22 github-pat
	// 73 true <nil>
}

func ExampleScanner_Excerpt() {
	scanner := newScanner()
	text := []byte("please deploy with password=Tr0ub4dor&3 and be quick about it") // cordon:allow
	found, _ := scanner.FindAll(text)
	fmt.Println(scanner.Excerpt(text, found[0], found, 12))
	// Output: th password=**** and be quic
}

func ExampleLoadRules() {
	rules, err := detect.LoadRules(os.DirFS("testdata"))
	if err != nil {
		log.Fatal(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		log.Fatal(err)
	}
	found, _ := detect.NewScanner(set).FindAll([]byte("acme_key_00112233445566778899aabbccddeeff"))
	fmt.Println(found[0].Rule.ID, found[0].Rule.Recommendation)
	// Output: acme-api-key Revoke it at https://acme.example/keys.
}

func ExampleCompile_refused() {
	_, err := detect.Compile([]detect.Rule{{ID: "acme", Regex: `acme_(?=x)`, Severity: detect.SeverityHigh, Confidence: 0.9}}, detect.Options{})
	fmt.Println(err)
	// Output: rule "acme": regex: error parsing regexp: invalid or unsupported Perl syntax: `(?=` (RE2 has no look-around and no back-references)
}

func ExampleImportSHHH() {
	rules, err := detect.ImportSHHH("patterns.yaml", []byte(`patterns:
  AWS_ACCESS_KEY: {regex: "AKIA[0-9A-Z]{16}", severity: "HIGH", confidence: 0.95, active: true}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rules[0].ID, rules[0].Severity, rules[0].Confidence)
	// Output: AWS_ACCESS_KEY high 0.95
}

func ExampleRedact() {
	fmt.Println(detect.Redact([]byte("a-long-value-of-forty-characters-or-more"), "API_KEY"))
	fmt.Println(detect.Redact([]byte("4539578763621486"), detect.SecretTypePaymentCard))
	fmt.Println(detect.Redact([]byte("hunter2"), "PASSWORD"))
	// Output:
	// a-lo****ore
	// ****1486
	// ****
}

func ExampleScanner_Explain() {
	scanner := newScanner()
	places, err := scanner.Explain([]byte(`cache_key: "a0b8c93d41f27e65"`), "generic-api-key")
	if err != nil {
		log.Fatal(err)
	}
	for _, reason := range places[0].Why[:4] {
		fmt.Println(reason)
	}
	fmt.Println(places[0].Found)
	// Output:
	// the regex matches; the rule is right in 0.60 of its matches
	// -2.0 any assigned value
	// +1.0 name speaks of a secret
	// -4.0 name says what else it is
	// false
}
