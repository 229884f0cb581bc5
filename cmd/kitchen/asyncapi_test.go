package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// protocol is ws/asyncapi.yaml: the schemas of messages by type.
type protocol struct {
	sent, received map[string]*jsonschema.Schema // from a node to a display, and back
	pickup         map[string]*jsonschema.Schema // by a node to a pick-up screen
	document       map[string]any
}

// theProtocol is read once for all tests.
var theProtocol = sync.OnceValues(readProtocol)

func readProtocol() (*protocol, error) {
	text, err := os.ReadFile("../../ws/asyncapi.yaml")
	if err != nil {
		return nil, err
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	asJSON, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("asyncapi.json", root); err != nil {
		return nil, err
	}
	p := &protocol{document: document.(map[string]any)}
	for operation, schemas := range map[string]*map[string]*jsonschema.Schema{"send_to_display": &p.sent, "receive_from_display": &p.received, "send_to_pickup": &p.pickup} {
		channel := lastOf(p.at("operations", operation, "channel"))
		*schemas = map[string]*jsonschema.Schema{}
		for _, reference := range p.at("operations", operation, "messages").([]any) {
			name := lastOf(reference)
			// From the channel to its message, and from there to its schema: nothing is taken for granted.
			message := lastOf(p.at("channels", channel, "messages", name))
			schema := lastOf(p.at("components", "messages", message, "payload"))
			if (*schemas)[name], err = compiler.Compile("asyncapi.json#/components/schemas/" + schema); err != nil {
				return nil, err
			}
			if is := p.at("components", "schemas", schema, "properties", "type", "const"); is != name {
				return nil, fmt.Errorf("the schema of %s is for %v", name, is)
			}
		}
	}
	return p, nil
}

func (p *protocol) at(path ...string) (value any) {
	value = p.document
	for _, key := range path {
		in, _ := value.(map[string]any)
		value = in[key]
	}
	return value
}

func lastOf(reference any) string {
	path, _ := reference.(map[string]any)["$ref"].(string)
	return path[strings.LastIndex(path, "/")+1:]
}

// validate holds a message against the schema of its type.
func validate(schemas map[string]*jsonschema.Schema, text []byte) error {
	message, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	object, _ := message.(map[string]any)
	kind, _ := object["type"].(string)
	schema := schemas[kind]
	if schema == nil {
		return fmt.Errorf("the type %q is not in ws/asyncapi.yaml", kind)
	}
	return schema.Validate(message)
}

// checkTold holds a message of a node against the protocol.
func checkTold(t testing.TB, text []byte) {
	t.Helper()
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(p.sent, text); err != nil {
		t.Errorf("not what ws/asyncapi.yaml says: %v\n%s", err, text)
	}
}

// checkAsked holds what became of a message of a display against the protocol: the node refuses as malformed what the
// document refuses, and nothing else.
func checkAsked(t testing.TB, asked, answer fields) {
	t.Helper()
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	malformed := slices.Contains([]any{"invalid_message", "unknown_type", "invalid_status"}, answer["code"])
	if err := validate(p.received, text); err != nil != malformed && answer["code"] != "rate_limited" {
		t.Errorf("%s is answered %v; ws/asyncapi.yaml says %v", text, answer, err)
	}
}

func TestProtocolDocumentRefusesWhatIsNot(t *testing.T) {
	t.Parallel()
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	if p.at("asyncapi") != "3.0.0" || p.at("channels", "kitchen", "address") != "/ws/kitchen/{restaurant_id}/" {
		t.Error("not AsyncAPI 3 of the displays' address")
	}
	const id = `"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"`
	for text, fine := range map[string]bool{
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true}`:                                                                     true,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000+01:00","live":true}`:                                                                false,
		`{"type":"heartbeat","live":true}`:                                                                                                              false,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true,"more":1}`:                                                            false,
		`{"type":"order_deleted","order_id":` + id + `}`:                                                                                                true,
		`{"type":"order_deleted","order_id":` + id + `,"by":"till-3"}`:                                                                                  true,
		`{"type":"order_deleted","order_id":` + id + `,"by":""}`:                                                                                        false,
		`{"type":"order_deleted","order_id":` + id + `,"by":"` + strings.Repeat("x", 41) + `"}`:                                                         false,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true,"omitted":7}`:                                                         true,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true,"omitted":0}`:                                                         false,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"ready","version":3}`:                                                            false,
		`{"type":"order_deleted","order_id":"a b"}`:                                                                                                     false,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"ready","version":3,"updated_at":"2026-11-22T22:15:00Z"}`:                        true,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"burnt","version":3,"updated_at":"2026-11-22T22:15:00Z"}`:                        false,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"ready","version":-1,"updated_at":"2026-11-22T22:15:00Z"}`:                       false,
		`{"type":"error","code":"conflict","message":"x"}`:                                                                                              false,
		`{"type":"error","code":"conflict","message":"x","order_id":` + id + `,"status":"ready","version":2}`:                                           true,
		`{"type":"error","code":"not_ready","message":"x","order_id":` + id + `}`:                                                                       false,
		`{"type":"error","code":"not_ready","message":"x","order_id":` + id + `,"waiting":[{"station":null,"name":"","lines":2}]}`:                      true,
		`{"type":"error","code":"no_idea","message":"x"}`:                                                                                               false,
		`{"type":"screens","stations":[{"id":` + id + `,"screens":0}],"all":2}`:                                                                         true,
		`{"type":"screens","stations":[{"id":"grill","screens":0}],"all":2}`:                                                                            false,
		`{"type":"screens","stations":[]}`:                                                                                                              false,
		`{"type":"alarm","restaurant_id":` + id + `,"reason":"no_display","count":2,"oldest_order_id":` + id + `,"oldest_order_number":57,"age_s":40}`:  true,
		`{"type":"alarm_over","restaurant_id":` + id + `,"reason":"asleep","count":2,"oldest_order_id":` + id + `,"oldest_order_number":57,"age_s":40}`: false,
		`{"type":"dance"}`: false,
	} {
		if err := validate(p.sent, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, fine := range map[string]bool{
		`{"type":"pickup_queue","restaurant":{"name":"x"},"server_time":"2026-11-22T22:15:00Z","live":true,"orders":[{"number":1,"order_type":"takeaway","status":"ready","name":""}]}`:            true,
		`{"type":"pickup_queue","restaurant":{"name":"x"},"server_time":"2026-11-22T22:15:00Z","live":true,"orders":[{"number":1,"order_type":"takeaway","status":"pending","name":""}]}`:          false,
		`{"type":"pickup_queue","restaurant":{"name":"x"},"server_time":"2026-11-22T22:15:00Z","live":true,"orders":[{"number":1,"order_type":"takeaway","status":"ready","name":"","items":[]}]}`: false,
		`{"type":"pickup_queue","restaurant":{"name":"x","timezone":"UTC"},"server_time":"2026-11-22T22:15:00Z","live":true,"orders":[]}`:                                                          false,
		`{"type":"initial_queue"}`: false,
	} {
		if err := validate(p.pickup, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, fine := range map[string]bool{
		`{"type":"update_status","order_id":` + id + `,"status":"ready","unknown":"ignored"}`:                                       true,
		`{"type":"update_status","order_id":` + id + `,"status":"ready","request_id":[]}`:                                           false,
		`{"type":"update_status","order_id":` + id + `}`:                                                                            false,
		`{"type":"update_lines","order_id":` + id + `,"status":"ready","station":null}`:                                             true,
		`{"type":"update_lines","order_id":` + id + `,"status":"ready","station":` + id + `,"lines":[` + id + `],"from":"pending"}`: true,
		`{"type":"update_lines","order_id":` + id + `,"status":"ready"}`:                                                            false,
		`{"type":"update_lines","order_id":` + id + `,"status":"completed","station":null}`:                                         false,
		`{"type":"update_lines","order_id":` + id + `,"status":"ready","station":null,"lines":[]}`:                                  false,
		`{"type":"fire","order_id":` + id + `,"course":2}`:                                                                          true,
		`{"type":"fire","order_id":` + id + `,"course":"2"}`:                                                                        false,
		`{"type":"show"}`:                                                                 true,
		`{"type":"show","stations":[` + id + `]}`:                                         true,
		`{"type":"show","stations":[null]}`:                                               false,
		`{"type":"show","stations":"` + "all" + `"}`:                                      false,
		`{"type":"seen","how":"painted","orders":[{"order_id":` + id + `,"version":1}]}`:  true,
		`{"type":"seen","how":"painted","orders":[]}`:                                     false,
		`{"type":"seen","how":"guessed","orders":[{"order_id":` + id + `,"version":1}]}`:  false,
		`{"type":"seen","how":"touched","orders":[{"order_id":` + id + `,"version":-1}]}`: false,
		`{"type":"authenticate"}`:                                                         false,
		`{"type":"list_recent"}`:                                                          true,
	} {
		if err := validate(p.received, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
}
