package attach

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed templates/*.sql
var templateFiles embed.FS

// Template is a mapping to edit for a system that is known by name.
type Template struct{ Name, About, Text string }

// Templates are all of them, by name.
func Templates() []Template {
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // they are embedded
	}
	var all []Template
	for _, e := range entries {
		text, err := templateFiles.ReadFile(path.Join("templates", e.Name()))
		if err != nil {
			panic(err)
		}
		about, _, _ := strings.Cut(strings.TrimPrefix(string(text), "-- "), "\n")
		about, _, _ = strings.Cut(about, ":")
		all = append(all, Template{strings.TrimSuffix(e.Name(), ".sql"), about, string(text)})
	}
	return all
}

// FindTemplate is the template of a name.
func FindTemplate(name string) (Template, error) {
	all := Templates()
	i := slices.IndexFunc(all, func(t Template) bool { return t.Name == name })
	if i < 0 {
		names := make([]string, len(all))
		for j, t := range all {
			names[j] = t.Name
		}
		return Template{}, fmt.Errorf("there is no template %q: there are %s; without a name one is made from your tables", name, strings.Join(names, ", "))
	}
	return all[i], nil
}
