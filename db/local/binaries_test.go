package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMissingServerSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Config{DataDir: filepath.Join(newDir(t), "data"), BinDir: newDir(t)})
	if !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("Start says: %v", err)
	}
	for _, part := range []string{"apt-get install postgresql", "dnf install postgresql-server", "brew install postgresql@17"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

func TestClusterOfAnotherMajorVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	version := filepath.Join(dir, clusterName, "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9, which is not installed") {
		t.Errorf("Start says: %v", err)
	}
	if err := os.WriteFile(version, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("Start says: %v", err)
	}
}

func TestBinariesAreOfOneDirectoryAndAKnownVersion(t *testing.T) {
	t.Parallel()
	a, err := clusterAccount("")
	if err != nil {
		t.Fatal(err)
	}
	pg13 := fakeBinaries(t, "13.9", "", "")
	pg14 := fakeBinaries(t, "14.20 (Debian 14.20-1.pgdg120+1)", "", "")
	pg17 := fakeBinaries(t, "17.2", "", "")
	pg19 := fakeBinaries(t, "19rc1", "", "")
	pg20 := fakeBinaries(t, "20devel", "", "")
	clientOnly := newDir(t)
	if err := os.Symlink(filepath.Join(pg17, "postgres"), filepath.Join(clientOnly, "postgres")); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(newDir(t), "latest")
	if err := os.Symlink(pg19, linked); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		dirs  []string
		major int
		want  string // directory, or part of the error
	}{
		{"the first that is usable", []string{"/nowhere", clientOnly, pg13, pg20, pg17, pg19}, 0, pg17},
		{"a link", []string{linked}, 0, pg19},
		{"the cluster's own", []string{pg19, pg17, pg14}, 14, pg14},
		{"none of the cluster's own", []string{pg19, pg17}, 16, "made by PostgreSQL 16, which is not installed (found: 19 in " + pg19},
		{"too old", []string{pg13}, 0, "found, but not usable: 13 in " + pg13},
		{"too new", []string{pg20}, 0, "found, but not usable: 20 in " + pg20},
		{"a part", []string{clientOnly}, 0, ErrNoBinaries.Error()},
		{"nothing", nil, 0, ErrNoBinaries.Error()},
	} {
		found, err := chooseBinaries(t.Context(), a, c.dirs, c.major)
		if err == nil && found.dir != c.want || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %s", c.what, found, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := chooseBinaries(ctx, a, []string{pg17}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPathIsFollowedToTheRealDirectory(t *testing.T) {
	real, links := fakeBinaries(t, "17.2", "", ""), newDir(t)
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.Symlink(filepath.Join(real, name), filepath.Join(links, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", links)
	if dirs := inPath(); !slices.Contains(dirs, real) {
		t.Errorf("found %v, want %s", dirs, real)
	}
}

func TestNewestOfTheUsualPlacesComesFirst(t *testing.T) {
	t.Parallel()
	root := filepath.Join(newDir(t), "usr")
	for _, dir := range []string{"lib/postgresql/9.6/bin", "lib/postgresql/15/bin", "pgsql-17/bin", "opt/postgresql@16/bin", "bin"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, dir := range inPlaces([]string{
		root + "/bin", root + "/lib/postgresql/*/bin", root + "/pgsql-*/bin", root + "/opt/postgresql@*/bin",
	}) {
		got = append(got, strings.TrimPrefix(dir, root))
	}
	want := []string{"/pgsql-17/bin", "/opt/postgresql@16/bin", "/lib/postgresql/15/bin", "/lib/postgresql/9.6/bin", "/bin"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
