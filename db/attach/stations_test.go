package attach

import (
	"strings"
	"testing"

	"kitchen/migrations"
)

// Stations are the same on our own tables and on another program's: the migration has, word for word, what the generator prints.
func TestMigrationHasTheStationsOfMappings(t *testing.T) {
	migration, err := migrations.FS.ReadFile("00006_create_stations.sql")
	if err != nil {
		t.Fatal(err)
	}
	g := generator{model: &model{}, Own: true}
	for _, name := range []string{"stations.sql", "lines.sql"} {
		if want := g.render(name, g); !strings.Contains(string(migration), want) {
			t.Errorf("migrations/00006_create_stations.sql has not what db/attach/sql/%s prints: put it there:\n%s", name, want)
		}
	}
}
