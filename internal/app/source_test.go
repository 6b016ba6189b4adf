package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/leak/source"
)

func TestASourceTellsWhatIsNotScanned(t *testing.T) {
	s := apiSource(leak.SourceStatus{
		ID: "chat", Types: leak.Filter{Include: []string{"task.*"}, Exclude: []string{"task.ping"}},
		Status: source.Status{State: source.Live, Damaged: true}, NotScanned: 3,
	})
	if !s.Damaged || s.NotScanned != 3 || !strings.Contains(s.Detail, "3 entries") {
		t.Errorf("the source is %+v", s)
	}
	if !slices.Equal(s.MessageTypes.Include, []string{"task.*"}) || !slices.Equal(s.MessageTypes.Exclude, []string{"task.ping"}) {
		t.Errorf("the message types are %+v", s.MessageTypes)
	}
	if b, err := json.Marshal(s); err != nil || !strings.Contains(string(b), `"not_scanned":3`) {
		t.Errorf("it is written as %s, %v", b, err)
	}
}
