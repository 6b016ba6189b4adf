package event

import (
	"encoding/json"
	"testing"
)

// Events, and with them webhooks and the stream, have no field that a secret
// could be in: neither as text nor encoded.
func TestNoPayloadHasAFieldForASecret(t *testing.T) {
	forbidden := map[string]bool{
		"secret": true, "secret_b64": true, "printable": true, "plain": true, "value": true, "content": true,
		"password": true, "token": true, "raw": true, "data": true,
	}
	for _, entry := range Catalogue() {
		text, err := json.Marshal(entry.Example)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]any{}
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		for name := range fields {
			if forbidden[name] {
				t.Errorf("%s has a field %s", entry.Name, name)
			}
		}
	}
}
