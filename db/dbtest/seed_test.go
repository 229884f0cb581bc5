package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSeedsUsedLastAreKeptAndThoseInUse(t *testing.T) {
	t.Parallel()
	seeds := t.TempDir()
	for i := range 6 {
		fakeSeed(t, seeds, fmt.Sprintf("used%dhoursago", i), time.Now().Add(-time.Duration(i)*time.Hour))
	}
	fakeSeed(t, seeds, "yesterday", time.Now().Add(-keepFor-time.Hour))
	if err := os.Mkdir(filepath.Join(seeds, "unfinished"), 0o700); err != nil {
		t.Fatal(err)
	}
	copying, err := useSeed(filepath.Join(seeds, "used5hoursago"))
	if err != nil {
		t.Fatal(err)
	}
	defer copying.close()
	age(t, copying.dir, time.Now().Add(-5*time.Hour)) // as if the copy took that long

	checkSeeds(t, seeds, 3, "used0hoursago used1hoursago used2hoursago used5hoursago")
	copying.close()
	checkSeeds(t, seeds, 3, "used0hoursago used1hoursago used2hoursago")

	// What was used now is not the next to go.
	now, err := useSeed(filepath.Join(seeds, "used2hoursago"))
	if err != nil {
		t.Fatal(err)
	}
	now.close()
	checkSeeds(t, seeds, 1, "used2hoursago")
	age(t, now.dir, time.Now().Add(-keepFor-time.Hour))
	checkSeeds(t, seeds, 1, "")
}

func TestNewSeedMakesRoomForItself(t *testing.T) {
	t.Parallel()
	run := newTemp(t)
	for i := range seedsAtMost + 2 {
		fakeSeed(t, filepath.Join(run, "seeds"), fmt.Sprintf("seed%02d", i), time.Now().Add(-time.Hour))
	}
	for range 2 { // it is made, then found
		s, err := openSeed(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if names := list(t, filepath.Dir(s.dir)); len(names) != seedsAtMost || !slices.Contains(names, filepath.Base(s.dir)) {
			t.Errorf("seeds are %v, want %d and %s among them", names, seedsAtMost, filepath.Base(s.dir))
		}
		if !isLocked(filepath.Join(s.dir, "used")) {
			t.Error("a seed that is being copied is not locked")
		}
		s.close()
	}
}

// checkSeeds removes seeds and compares what is left.
func checkSeeds(t *testing.T, seeds string, keep int, want string) {
	t.Helper()
	if err := removeSeeds(seeds, keep); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(list(t, seeds), " "); got != want {
		t.Errorf("seeds left: %q, want %q", got, want)
	}
}

func fakeSeed(t *testing.T, seeds, name string, used time.Time) {
	t.Helper()
	dir := filepath.Join(seeds, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "used"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	age(t, dir, used)
}

func age(t *testing.T, seed string, used time.Time) {
	t.Helper()
	if err := os.Chtimes(filepath.Join(seed, "used"), used, used); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
