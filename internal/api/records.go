package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
)

// RecordIn is one thing that a program saw which knows nothing of Cordon.
type RecordIn struct {
	ID         string            `json:"id,omitempty" maxLength:"128" doc:"The sender's name for it: what is sent again under it, in whatever batch, counts once."`
	Kind       string            `json:"kind" enum:"auth_failed,privileged_container,path_traversal,command_injection,web_attack,rate_limited,container_started,http_request" doc:"What happened."`
	Time       time.Time         `json:"time,omitempty" doc:"When it happened. Absent, or ahead of the server's clock: when it is received."`
	SourceIP   string            `json:"source_ip,omitempty" maxLength:"64" example:"203.0.113.9" doc:"Of whoever did it; a port behind it is left out."`
	User       string            `json:"user,omitempty" example:"root" doc:"Whom it was about. 256 bytes of it are kept."`
	Attributes map[string]string `json:"attributes,omitempty" doc:"What else is known; at most 16, of each 1,024 bytes are kept. Those that count: path, input, route, image, method, status, privileged, mounts, capabilities, host_network, host_pid, host_ipc."`
}

// EventsBody is a batch in one of two forms: an object with events of another process
// of Cordon, or a list of records of any program.
type EventsBody struct{ raw json.RawMessage }

// UnmarshalJSON implements json.Unmarshaler: which form it has is known later.
func (b *EventsBody) UnmarshalJSON(raw []byte) error {
	b.raw = bytes.Clone(raw)
	return nil
}

// Schema implements huma.SchemaProvider.
func (b EventsBody) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: b.schemas(r)}
}

// schemas are those of the two forms: events, records.
func (EventsBody) schemas(r huma.Registry) []*huma.Schema {
	records := &huma.Schema{
		Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[RecordIn](), true, ""), MinItems: new(1), MaxItems: new(ingest.MaxRecords),
		Description: "What programs saw that know nothing of Cordon, for the anomaly sensor.",
	}
	records.PrecomputeMessages()
	return []*huma.Schema{r.Schema(reflect.TypeFor[EventsRequest](), true, ""), records}
}

// list reports whether it is a list of records.
func (b EventsBody) list() bool { return bytes.HasPrefix(bytes.TrimSpace(b.raw), []byte("[")) }

// readAs reads a body that has a form of its own: the framework would say of two
// forms only that neither fits.
func readAs[T any](s *server, b EventsBody, schema *huma.Schema) (out T, err error) {
	var parsed any
	if err := strictJSON().Unmarshal(b.raw, &parsed); err != nil {
		return out, problem(http.StatusBadRequest, "body: %v", err) // as every other operation answers what is no JSON
	}
	var found huma.ValidateResult
	huma.Validate(s.huma.OpenAPI().Components.Schemas, schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, parsed, &found)
	for _, err := range found.Errors {
		if d, ok := err.(*huma.ErrorDetail); ok {
			return out, invalid(d.Location, d.Message)
		}
		return out, invalid("body", err.Error())
	}
	if err := json.Unmarshal(b.raw, &out); err != nil {
		return out, invalid("body", fmt.Sprintf("is not the JSON that is expected: %v", err))
	}
	return out, nil
}

func (s *server) takeRecords(ctx context.Context, key string, b EventsBody) (*takeEventsOutput, error) {
	records, err := s.recordsOf(b)
	if err != nil {
		return nil, err
	}
	who, _ := auth.PrincipalFrom(ctx)
	for i := range records {
		records[i].ID = idOf(who, records[i].ID)
	}
	spooled, err := s.Intake.TakeRecords(ctx, key, records)
	if err != nil {
		return nil, s.notTaken(ctx, "body", err)
	}
	return &takeEventsOutput{EventsTaken{len(records), spooled}}, nil
}

// idOf is what a record is known by: two senders may call theirs the same, and neither is
// to make the other's look as if it had come before.
func idOf(who auth.Principal, id string) string {
	if id == "" || len(id) > ingest.MaxRecordID { // which is refused
		return id
	}
	if all := who.Label() + "/" + id; len(all) <= ingest.MaxRecordID {
		return all
	}
	sum := sha256.Sum256([]byte(id))
	return fmt.Sprintf("%s/sha256:%x", who.Label(), sum[:16])
}

// recordsOf reads a list of records. The error says what is wrong with it.
func (s *server) recordsOf(b EventsBody) ([]event.SecurityRecord, error) {
	if records, ok := plainRecords(b.raw); ok {
		return records, nil
	}
	in, err := readAs[[]RecordIn](s, b, b.schemas(s.huma.OpenAPI().Components.Schemas)[1])
	return convert(in, func(r RecordIn) event.SecurityRecord { return event.SecurityRecord(r) }), err
}

// plainRecords reads a list to which the schema has nothing to say, in one pass. ok is
// false for every other body: readAs says what is wrong with it, if anything is.
func plainRecords(list []byte) (records []event.SecurityRecord, ok bool) {
	records, ok = event.ReadRecords(list, ingest.MaxRecords)
	if !ok || len(records) == 0 {
		return nil, false
	}
	kinds := event.RecordKinds()
	for i := range records {
		if r := &records[i]; !slices.Contains(kinds, r.Kind) || len(r.ID) > ingest.MaxRecordID || len(r.SourceIP) > mostSourceIP || !fieldNames(r.Attributes) {
			return nil, false
		}
	}
	return records, true
}

// mostSourceIP is the maxLength of RecordIn.SourceIP.
const mostSourceIP = 64

// fieldNames reports whether all names are such as checkFields permits.
func fieldNames(attributes map[string]string) bool {
	for name := range attributes {
		if !fieldName(name) {
			return false
		}
	}
	return true
}
