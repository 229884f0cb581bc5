package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The major versions of PostgreSQL that the program works with.
const oldestMajor, newestMajor = 14, 19

// ErrNoBinaries says that no PostgreSQL server is installed, and how to install one.
var ErrNoBinaries = errors.New("no PostgreSQL server (14 to 19) is installed on this machine. Install one: " +
	"apt-get install postgresql (Debian, Ubuntu), dnf install postgresql-server (Fedora, Red Hat), " +
	"brew install postgresql@17 (macOS); or give the address of a running one with DATABASE_URL")

// binaries is a directory that holds both initdb and postgres, of one version.
type binaries struct {
	dir   string
	major int
}

// usualPlaces lists where packages put server binaries when they do not put them into PATH.
func usualPlaces() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",                              // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                       // Red Hat and Fedora, from postgresql.org
		"/opt/homebrew/opt/postgresql@*/bin",                     // Homebrew
		"/usr/local/opt/postgresql@*/bin",                        // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",        // Homebrew on Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin",     // Postgres.app
		"/Library/PostgreSQL/*/bin",                              // EDB's installer for macOS
		"/opt/local/lib/postgresql*/bin",                         // MacPorts
		"/usr/lib/postgresql*/bin", "/usr/lib64/postgresql*/bin", // openSUSE, Gentoo
		"/usr/libexec/postgresql*", // Alpine
		"/usr/local/pgsql/bin",     // built from source
		"/usr/bin", "/usr/local/bin",
	}
}

// Installed returns the directory and the major version of the server binaries that Start would use for a new cluster.
// [ErrNoBinaries] where there are none.
func Installed(ctx context.Context) (binDir string, major int, err error) {
	a, err := clusterAccount("")
	if err != nil {
		return "", 0, err
	}
	found, err := findBinaries(ctx, a, "", 0)
	return found.dir, found.major, err
}

// findBinaries returns the server binaries to use: of the given major version or, where that is 0, the first in PATH, else the newest of
// the usual places. Where binDir is set, it looks nowhere else.
func findBinaries(ctx context.Context, a account, binDir string, major int) (binaries, error) {
	dirs := []string{binDir}
	if binDir == "" {
		dirs = append(inPath(), inPlaces(usualPlaces())...)
	}
	return chooseBinaries(ctx, a, dirs, major)
}

func chooseBinaries(ctx context.Context, a account, dirs []string, major int) (binaries, error) {
	var seen, refused []string
	for _, dir := range dirs {
		dir, err := filepath.EvalSymlinks(dir)
		if err != nil || slices.Contains(seen, dir) || !hasBoth(dir) {
			continue
		}
		seen = append(seen, dir)
		found, err := versionOf(ctx, a, dir)
		switch {
		case ctx.Err() != nil:
			return binaries{}, context.Cause(ctx)
		case err != nil:
			refused = append(refused, fmt.Sprintf("%s (user %s cannot run it: %v)", dir, a.name, err))
		case found < oldestMajor || found > newestMajor:
			refused = append(refused, fmt.Sprintf("%d in %s", found, dir))
		case major != 0 && major != found:
			refused = append(refused, fmt.Sprintf("%d in %s", found, dir))
		default:
			return binaries{dir: dir, major: found}, nil
		}
	}
	switch {
	case len(refused) == 0:
		return binaries{}, ErrNoBinaries
	case major != 0:
		return binaries{}, fmt.Errorf("the private database was made by PostgreSQL %d, which is not installed (found: %s): "+
			"install PostgreSQL %d, or choose another directory with --data-dir", major, strings.Join(refused, ", "), major)
	default:
		return binaries{}, fmt.Errorf("%w (found, but not usable: %s)", ErrNoBinaries, strings.Join(refused, ", "))
	}
}

// inPath returns the directories that the initdb and the postgres of PATH really are in: packages link to them.
func inPath() (dirs []string) {
	for _, name := range []string{"postgres", "initdb"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	return dirs
}

// inPlaces returns the directories that the patterns name, those with the highest version in their name first.
func inPlaces(patterns []string) (dirs []string) {
	version := regexp.MustCompile(`([0-9]+)[.0-9]*(?:/bin)?$`) // …/postgresql/17/bin, …/pgsql-17/bin, …/postgresql17
	major := func(dir string) int {
		if m := version.FindStringSubmatch(dir); m != nil {
			n, _ := strconv.Atoi(m[1])
			return n
		}
		return 0
	}
	for _, p := range patterns {
		match, err := filepath.Glob(p)
		if err == nil {
			dirs = append(dirs, match...)
		}
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(major(b), major(a)) })
	return dirs
}

func hasBoth(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// versionOf runs postgres --version, as the user that is to run the server: "postgres (PostgreSQL) 15.18 (Debian …)".
func versionOf(ctx context.Context, a account, dir string) (major int, err error) {
	out, err := run(ctx, a, "/", filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`\(PostgreSQL\) ([0-9]+)`).FindStringSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("not a version of PostgreSQL: %.80q", out)
	}
	return strconv.Atoi(m[1])
}
