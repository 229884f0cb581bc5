package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// protocol is ws/asyncapi.yaml: the schemas of messages by type.
type protocol struct {
	told, asked map[string]*jsonschema.Schema // by a node, by a display
	guests      map[string]*jsonschema.Schema // by a node to a pick-up screen
	document    map[string]any
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
	for operation, schemas := range map[string]*map[string]*jsonschema.Schema{"tell": &p.told, "ask": &p.asked, "tell_pickup": &p.guests} {
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
	if err := validate(p.told, text); err != nil {
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
	if err := validate(p.asked, text); err != nil != malformed && answer["code"] != "rate_limited" {
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
		if err := validate(p.told, []byte(text)); (err == nil) != fine {
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
		if err := validate(p.guests, []byte(text)); (err == nil) != fine {
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
		if err := validate(p.asked, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The tables of ws/PROTOCOL.md and the document say the same.
func TestProtocolPageAndDocumentAgree(t *testing.T) {
	t.Parallel()
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../ws/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	fieldsOf := func(schema string) map[string]any {
		properties, _ := p.at("components", "schemas", schema, "properties").(map[string]any)
		return properties
	}
	for title, schemas := range map[string]map[string]*jsonschema.Schema{
		"Messages from the node": p.told, "Messages from the display": p.asked, "Pick-up screens": p.guests,
	} {
		documented := map[string]bool{}
		for _, row := range rows(t, page, title) {
			for _, kind := range words(row[0]) {
				documented[kind] = true
				properties, named := fieldsOf(kind), words(row[1])
				for name := range properties {
					if name != "type" && !slices.Contains(named, name) {
						t.Errorf("the page does not name %s of %s", name, kind)
					}
				}
				for _, w := range named {
					_, ofRestaurant := fieldsOf("restaurant")[w]
					isType := p.told[w] != nil || p.asked[w] != nil || p.guests[w] != nil
					_, known := properties[w]
					if !known && !isType && !(kind == "initial_queue" && ofRestaurant) && w != "conflict" && w != "not_ready" {
						t.Errorf("the page names %s of %s, which ws/asyncapi.yaml does not", w, kind)
					}
				}
			}
		}
		if are, want := slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(schemas)); !slices.Equal(are, want) {
			t.Errorf("%s lists %v; ws/asyncapi.yaml %v", title, are, want)
		}
	}

	var listed []string
	for _, row := range rows(t, page, "Errors") {
		listed = append(listed, words(row[0])...)
	}
	if codes := asStrings(p.at("components", "schemas", "error_code", "enum")); !slices.Equal(listed, codes) {
		t.Errorf("error codes: %v in the page, %v in ws/asyncapi.yaml", listed, codes)
	}

	closes, _ := p.at("channels", "kitchen", "x-close-codes").(map[string]any)
	table := rows(t, page, "Close codes")
	for _, row := range table {
		says := p.at("channels", "kitchen", "x-close-codes", row[0])
		want := map[string]any{"words": says.(map[string]any)["words"], "meaning": row[2], "come_back": row[3]}
		if !slices.Equal(words(row[1]), asStrings(want["words"])) || fmt.Sprint(want) != fmt.Sprint(says) {
			t.Errorf("close code %s: %q in the page, %v in ws/asyncapi.yaml", row[0], row, says)
		}
	}
	if len(table) != len(closes) {
		t.Errorf("%d close codes in the page, %d in ws/asyncapi.yaml", len(table), len(closes))
	}

	var ofOrder []string
	for _, row := range rows(t, page, "An order") {
		ofOrder = append(ofOrder, words(row[0])...)
	}
	for _, schema := range []string{"order", "item"} {
		for name := range fieldsOf(schema) {
			if !slices.Contains(ofOrder, name) {
				t.Errorf("the page does not name %s of an order", name)
			}
		}
	}
}

// rows are the cells of the tables of a section, without the heads.
func rows(t *testing.T, page, title string) (all [][]string) {
	t.Helper()
	_, section, ok := strings.Cut(page, "\n## "+title+"\n")
	if !ok {
		t.Fatalf("the page has no section %q", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	inTable := false
	for line := range strings.Lines(section) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if strings.HasPrefix(line, "|---") {
			inTable = true
			continue
		}
		if !isRow {
			inTable = false
			continue
		}
		if inTable {
			all = append(all, strings.Split(strings.TrimSuffix(line, " |"), " | "))
		}
	}
	if len(all) == 0 {
		t.Fatalf("the section %q has no table", title)
	}
	return all
}

// words are what a text has between backquotes.
func words(text string) (found []string) {
	for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

func asStrings(list any) (all []string) {
	for _, one := range list.([]any) {
		all = append(all, one.(string))
	}
	return all
}
