package attach

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kitchen/migrations"
)

// The kitchen's own tables are the same beside our orders and beside another program's: the migration has, word for word, what the
// generator prints.
func TestMigrationsHaveTheOwnTablesOfMappings(t *testing.T) {
	t.Parallel()
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

// ownTexts are the functions that the migrations write otherwise than the generator, and why. Each other function of both is one text,
// which the generator prints and the migrations have word for word.
var ownTexts = map[string]string{
	"note_error":     "our triggers know the restaurants of what failed, and tell them themselves",
	"touch_orders":   "our triggers say which orders are new, moved or deleted, and need not look it up",
	"touch_queues":   "restaurants are uuids, and the triggers pass them as such",
	"watch_settings": "one trigger function serves names and settings, of statements rather than of rows",
	"watch_truncate": "orders, users and the rest have tables of known names, and versions go with the orders",
}

// hostTexts are the functions that only the generator prints, and why.
var hostTexts = map[string]string{
	"announce_order":   "whether an order is new, moved or changed is read from what was recorded: no trigger of ours needs it",
	"record_orders":    "what a SERIALIZABLE transaction wrote, in tables that the generator does not know beforehand",
	"touch_users":      "any table may say what a user may do",
	"follow_orders":    "whether the host has set a status is read from what was recorded: a trigger of ours sees the column change",
	"forget_truncated": "rows of ours have foreign keys, or go in watch_truncate",
}

func TestEachFunctionOfMigrationsAndGeneratorIsOneText(t *testing.T) {
	t.Parallel()
	g := generator{model: &model{}, Own: true, Notify: "pg_notify"}
	printed := map[string]string{}
	for _, name := range []string{"announce.sql", "devices.sql", "follow.sql", "frame.sql", "lines.sql", "unseen.sql", "screens.sql", "sightings.sql", "stations.sql"} {
		maps.Copy(printed, functions(g.render(name, g)))
	}
	all, _ := fs.Glob(migrations.FS, "*.sql") // whose pattern is a good one
	written := map[string]string{}
	for _, name := range all {
		text, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		maps.Copy(written, functions(up))
	}
	both := 0
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		theirText, ourText := printed[name], written[name]
		switch {
		case ourText == "" && hostTexts[name] == "":
			t.Errorf("only the generator prints kitchen.%s: say in hostTexts why", name)
		case ourText == "":
		case hostTexts[name] != "":
			t.Errorf("the migrations have kitchen.%s, too: take it out of hostTexts", name)
		case ourText == theirText && ownTexts[name] != "":
			t.Errorf("kitchen.%s is the same in both: take it out of ownTexts", name)
		case ourText != theirText && ownTexts[name] == "":
			t.Errorf("kitchen.%s differs. Write it once, in db/attach/sql ({{if .Own}} where it must differ), and put this into the migration:\n%s\nwhich has\n%s", name, theirText, ourText)
		default:
			both++
		}
	}
	for name := range ownTexts {
		if printed[name] == "" || written[name] == "" {
			t.Errorf("kitchen.%s, of ownTexts, is not in both", name)
		}
	}
	for name := range hostTexts {
		if printed[name] == "" {
			t.Errorf("kitchen.%s, of hostTexts, is nowhere", name)
		}
	}
	if both < 20 {
		t.Errorf("only %d functions were found in both", both)
	}
}

// functions are the texts of all functions of the schema kitchen that SQL makes, by name.
func functions(sql string) map[string]string {
	found := map[string]string{}
	for _, at := range regexp.MustCompile(`(?m)^create function kitchen\.(\w+)\(`).FindAllStringSubmatchIndex(sql, -1) {
		end := ";\n"
		if strings.LastIndex(sql[:at[0]], "-- +goose StatementBegin") > strings.LastIndex(sql[:at[0]], "-- +goose StatementEnd") {
			end = "-- +goose StatementEnd\n"
		}
		text, _, _ := strings.Cut(sql[at[0]:], end)
		found[sql[at[2]:at[3]]] = text
	}
	return found
}
