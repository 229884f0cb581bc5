package attach

import (
	"strings"
	"testing"

	"kitchen/migrations"
)

// The kitchen's own tables are the same beside our orders and beside another program's: the migration has, word for word, what the
// generator prints.
func TestMigrationsHaveTheOwnTablesOfMappings(t *testing.T) {
	g := generator{model: &model{}, Own: true}
	for name, migration := range map[string]string{
		"stations.sql": "00006_create_stations.sql", "lines.sql": "00006_create_stations.sql", "devices.sql": "00011_create_devices.sql",
	} {
		text, err := migrations.FS.ReadFile(migration)
		if err != nil {
			t.Fatal(err)
		}
		if want := g.render(name, g); !strings.Contains(string(text), want) {
			t.Errorf("migrations/%s has not what db/attach/sql/%s prints: put it there:\n%s", migration, name, want)
		}
	}
}
