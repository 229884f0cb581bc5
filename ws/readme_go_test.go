package ws_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
)

// goViewer is put behind the display: it cooks for the grill. It is asked for a wrong thing at the end.
const goViewer = `package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"kitchen/ws/display"
)

func main() {
	grill := "grill"
	d := &display.Display{URL: os.Args[1], Token: os.Args[2], Stations: []string{grill}}
	d.Refused = func(code string) { fmt.Println("refused", code) }
	cooked := false
	d.Show = func(queue map[string]display.Order, screens display.Screens, live bool) {
		words := []string{}
		for id, o := range queue {
			words = append(words, o.Status)
			for _, i := range o.Items {
				for _, at := range i.Stations {
					if at.ID != nil && *at.ID == grill && at.Status == "pending" && live && !cooked {
						cooked = true
						fmt.Println(d.UpdateLines(id, at.ID, at.Status, "ready"), d.Fire(id, 2))
					}
				}
			}
		}
		for _, s := range screens.Stations {
			words = append(words, fmt.Sprint(s.ID, s.Screens))
		}
		slices.Sort(words)
		fmt.Println(strings.Join(append([]string{map[bool]string{true: "live", false: "deaf"}[live]}, words...), " "))
	}
	_ = d.Follow(context.Background())
}
`

// buildGoDisplay builds the Go code of the README, with the race detector where this test has it: what the tests are made of
// is then compiled already.
func buildGoDisplay(t *testing.T) (program string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "ws/display/display.go"):  writeFile(t, "display.go", readmeCode(t, "go")),
		filepath.Join(root, "ws/display/run/main.go"): writeFile(t, "main.go", goViewer),
	}})
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"build", "-overlay", writeFile(t, "overlay.json", string(overlay))}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	program = filepath.Join(t.TempDir(), "viewer")
	build := exec.CommandContext(t.Context(), "go", append(args, "-o", program, "./ws/display/run")...)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}
