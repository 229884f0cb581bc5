package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

func TestReadmeHasTheDjangoMappingAsItIs(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(readme, "```sql\n"+found.Text+"```\n") {
		t.Error("the example in README.md is not templates/django.sql: print it anew")
	}
	for _, template := range attach.Templates() {
		if name, _, _ := strings.Cut(template.About, " "); !strings.Contains(readme, strings.TrimPrefix(name, "django-")) && !strings.Contains(readme, "Oscar") {
			t.Errorf("README.md does not name %s", template.About)
		}
	}
}
