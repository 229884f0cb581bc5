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
	for operation, schemas := range map[string]*map[string]*jsonschema.Schema{"tell": &p.told, "ask": &p.asked} {
		*schemas = map[string]*jsonschema.Schema{}
		for _, reference := range p.at("operations", operation, "messages").([]any) {
			name := lastOf(reference)
			// From the channel to its message, and from there to its schema: nothing is taken for granted.
			message := lastOf(p.at("channels", "kitchen", "messages", name))
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
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	if p.at("asyncapi") != "3.0.0" || p.at("channels", "kitchen", "address") != "/ws/kitchen/{restaurant_id}/" {
		t.Error("not AsyncAPI 3 of the displays' address")
	}
	const id = `"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"`
	for text, fine := range map[string]bool{
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true}`:                           true,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000+01:00","live":true}`:                      false,
		`{"type":"heartbeat","live":true}`:                                                                    false,
		`{"type":"heartbeat","server_time":"2026-11-22T22:15:00.000Z","live":true,"more":1}`:                  false,
		`{"type":"order_deleted","order_id":` + id + `}`:                                                      true,
		`{"type":"order_deleted","order_id":` + id + `,"by":"till-3"}`:                                        true,
		`{"type":"order_deleted","order_id":` + id + `,"by":""}`:                                              false,
		`{"type":"order_deleted","order_id":` + id + `,"by":"` + strings.Repeat("x", 41) + `"}`:               false,
		`{"type":"order_deleted","order_id":"7"}`:                                                             false,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"ready","version":3}`:                  true,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"burnt","version":3}`:                  false,
		`{"type":"order_status_changed","order_id":` + id + `,"status":"ready","version":0}`:                  false,
		`{"type":"error","code":"conflict","message":"x"}`:                                                    false,
		`{"type":"error","code":"conflict","message":"x","order_id":` + id + `,"status":"ready","version":2}`: true,
		`{"type":"error","code":"no_idea","message":"x"}`:                                                     false,
		`{"type":"dance"}`: false,
	} {
		if err := validate(p.told, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, fine := range map[string]bool{
		`{"type":"update_status","order_id":` + id + `,"status":"ready","unknown":"ignored"}`: true,
		`{"type":"update_status","order_id":` + id + `,"status":"ready","request_id":[]}`:     false,
		`{"type":"update_status","order_id":` + id + `}`:                                      false,
		`{"type":"authenticate"}`: false,
		`{"type":"list_recent"}`:  true,
	} {
		if err := validate(p.asked, []byte(text)); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The tables of the README and the document say the same.
func TestReadmeAndProtocolDocumentAgree(t *testing.T) {
	p, err := theProtocol()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	words := func(text string) (found []string) {
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		return found
	}
	section := func(from, to string) string {
		_, rest, ok := strings.Cut(string(readme), from)
		text, _, ends := strings.Cut(rest, to)
		if !ok || !ends {
			t.Fatalf("the README has no part from %q to %q", from, to)
		}
		return text
	}
	for title, c := range map[string]struct {
		to      string
		schemas map[string]*jsonschema.Schema
	}{
		"**Server to display**": {"An order that leaves", p.told},
		"**Display to server**": {"A display may move", p.asked},
	} {
		documented := map[string]bool{}
		for line := range strings.Lines(section(title, c.to)) {
			cells := strings.Split(line, "|")
			if len(cells) < 4 || !strings.Contains(cells[1], "`") {
				continue
			}
			for _, kind := range words(cells[1]) {
				documented[kind] = true
				properties, _ := p.at("components", "schemas", kind, "properties").(map[string]any)
				for name := range properties {
					// request_id comes back in every answer; the table says so where it matters.
					if name != "type" && name != "request_id" && !slices.Contains(words(cells[2]), name) {
						t.Errorf("the README does not name %s of %s", name, kind)
					}
				}
				restaurant, _ := p.at("components", "schemas", "restaurant", "properties").(map[string]any)
				for _, w := range words(cells[2]) {
					_, ofRestaurant := restaurant[w]
					if _, ok := properties[w]; !ok && !(kind == "initial_queue" && ofRestaurant) && w != "conflict" {
						t.Errorf("the README names %s of %s, which ws/asyncapi.yaml does not", w, kind)
					}
				}
			}
		}
		if are, want := slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(c.schemas)); !slices.Equal(are, want) {
			t.Errorf("%s lists %v; ws/asyncapi.yaml %v", title, are, want)
		}
	}

	var codes []string
	for _, code := range p.at("components", "schemas", "error_code", "enum").([]any) {
		codes = append(codes, code.(string))
	}
	if listed := words(section("Error codes:", "An error does not")); !slices.Equal(listed, codes) {
		t.Errorf("error codes: %v in the README, %v in ws/asyncapi.yaml", listed, codes)
	}
	closes, _ := p.at("channels", "kitchen", "x-close-codes").(map[string]any)
	listed := map[string]any{}
	for line := range strings.Lines(section("| close code |", "Before the upgrade")) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !regexp.MustCompile(`^ \d{4} $`).MatchString(cells[1]) {
			continue
		}
		listed[strings.TrimSpace(cells[1])] = map[string]any{"meaning": strings.TrimSpace(cells[2]), "come_back": strings.TrimSpace(cells[3])}
	}
	for code, says := range closes {
		if fmt.Sprint(listed[code]) != fmt.Sprint(says) {
			t.Errorf("close code %s: %v in the README, %v in ws/asyncapi.yaml", code, listed[code], says)
		}
	}
	if len(listed) != len(closes) {
		t.Errorf("%d close codes in the README, %d in ws/asyncapi.yaml", len(listed), len(closes))
	}

	order, _ := p.at("components", "schemas", "order", "properties").(map[string]any)
	fields := words(section("<summary>An order</summary>", "</details>"))
	for name := range order {
		if !slices.Contains(fields, name) {
			t.Errorf("the README does not name %s of an order", name)
		}
	}
}
