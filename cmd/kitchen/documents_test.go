package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestDocumentsNameWhatExists holds every setting and command that the documents name against the program.
func TestDocumentsNameWhatExists(t *testing.T) {
	t.Parallel()
	var flags, variables, names []string
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		names = append(names, c.Name())
		for _, d := range offered(c) {
			flags = append(flags, d.flag)
			if d.env != "" {
				variables = append(variables, d.env)
			}
		}
	})
	if readme, err := os.ReadFile("../../ws/README.md"); err != nil || !strings.Contains(string(readme), "proxy_set_header Host ") {
		t.Errorf("the page on displays has no lines for nginx: %v", err)
	}
	documents := []string{"../../README.md", "README.md", "../../ws/README.md", "../../ws/SECURITY.md", "../../migrations/README.md"}
	for _, path := range documents {
		document, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := string(document)
		for _, m := range regexp.MustCompile("`(?:kitchen [a-z ]*)?--([a-z-]+)").FindAllStringSubmatch(text, -1) {
			if !slices.Contains(flags, m[1]) {
				t.Errorf("%s names a flag that is not there: --%s", path, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`\bKITCHEN_[A-Z_]+\b`).FindAllString(text, -1) {
			if !slices.Contains(variables, m) {
				t.Errorf("%s names a variable that is not there: %s", path, m)
			}
		}
		var said [][]string
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllString(text, -1) {
			said = append(said, regexp.MustCompile(`(?m)^kitchen ([a-z]+)`).FindAllStringSubmatch(block, -1)...)
		}
		said = append(said, regexp.MustCompile("`kitchen ([a-z]+)").FindAllStringSubmatch(text, -1)...)
		for _, m := range said {
			if !slices.Contains(names, m[1]) && m[1] != "help" {
				t.Errorf("%s names a command that is not there: kitchen %s", path, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`proxy_set_header Host (\S+);`).FindAllStringSubmatch(text, -1) {
			if m[1] != "$http_host" { // $host has no port, and the pages' own sockets would be refused
				t.Errorf("%s has nginx set Host to %s, and not to $http_host", path, m[1])
			}
		}
	}
}

// TestDocumentsLinkToWhatExists holds every link of every page to a file or to a heading of a page.
func TestDocumentsLinkToWhatExists(t *testing.T) {
	t.Parallel()
	headings := map[string][]string{} // as anchors, of each page
	links := map[string][]string{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		document, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(document), "")
		for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
			headings[path] = append(headings[path], anchor(m[1]))
		}
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			links[path] = append(links[path], m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for page, all := range links {
		for _, link := range all {
			file, heading, _ := strings.Cut(link, "#")
			if strings.Contains(file, "://") {
				continue
			}
			to := page
			if file != "" {
				to = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to a file that is not there: %s", page, link)
			} else if heading != "" && !slices.Contains(headings[to], heading) {
				t.Errorf("%s links to a heading that is not there: %s", page, link)
			}
		}
	}
	if len(links) < 8 {
		t.Errorf("only %d pages have links", len(links))
	}
}

// anchor is what GitHub calls a heading in a link: lower case, hyphens for spaces, and no punctuation.
func anchor(heading string) string {
	words := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(words, " ", "-")
}

// The root README is the map of the code: every package stands there with its path. Packages below db/dbtest serve tests alone.
func TestReadmeNamesEveryPackage(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range listPackages(t, "./...") {
		folder := strings.TrimPrefix(p.ImportPath, "kitchen/") + "/"
		if !strings.HasPrefix(folder, "db/dbtest/") && !regexp.MustCompile(`(?m)(^|, )`+regexp.QuoteMeta(folder)+`(,| )`).Match(readme) {
			t.Errorf("README.md does not name %s", folder)
		}
	}
}
