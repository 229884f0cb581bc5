package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

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
		"Messages from the node": p.sent, "Messages from the display": p.received, "Pick-up screens": p.pickup,
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
					isType := p.sent[w] != nil || p.received[w] != nil || p.pickup[w] != nil
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
