package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestDefaultDataDirIsWhereTheSystemKeepsData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		goos, home, xdg string
		euid            int
		want            string
	}{
		{"linux", "/root", "", 0, "/var/lib/kitchen"},
		{"linux", "/home/ada", "", 1000, "/home/ada/.local/share/kitchen"},
		{"linux", "/home/ada", "/data/ada", 1000, "/data/ada/kitchen"},
		{"linux", "/home/ada", "not/absolute", 1000, "/home/ada/.local/share/kitchen"},
		{"linux", "", "", 1000, ""},
		{"darwin", "/Users/ada", "", 501, "/Users/ada/Library/Application Support/kitchen"},
		{"darwin", "", "", 501, ""},
	} {
		env := map[string]string{"HOME": c.home, "XDG_DATA_HOME": c.xdg}
		if got := defaultDataDir(func(name string) string { return env[name] }, c.euid, c.goos); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	file := filepath.Join(newDir(t), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: filepath.Join(file, "data")})
	if err == nil || !strings.Contains(err.Error(), "choose another with --data-dir") {
		t.Errorf("under a file: %v", err)
	}
	if _, err := Start(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("none: %v", err)
	}
}

func TestAnyDataDirWillDo(t *testing.T) {
	t.Parallel()
	for what, name := range map[string]string{
		"long":     strings.Repeat("a very long name for a directory ", 5),
		"comma":    "soup, salad",
		"spaces":   "Application Support",
		"specials": `50% +1 & 'a'?#=[x]*\$`,
		"unicode":  "Küche 厨房",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(newDir(t), name)
			copySeed(t, dir)
			s := start(t, Config{DataDir: dir})
			ask(t, s.URL(), "select 1")
			if got, err := Attach(dir); err != nil || got != s.URL() {
				t.Errorf("Attach: %q, %v, want %q", got, err, s.URL())
			}
			outside := filepath.Dir(s.socketDir) != dir
			if outside != (what == "long" || what == "comma") {
				t.Errorf("the socket is in %s", s.socketDir)
			}
			if info, err := os.Stat(s.socketDir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v, %v", s.socketDir, info, err)
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if outside && exists(s.socketDir) {
				t.Errorf("%s was left behind", s.socketDir)
			}
		})
	}
}

func TestDataDirHasOneNameHoweverItIsReached(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	link := filepath.Join(newDir(t), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{DataDir: link})
	if s.DataDir() != dir {
		t.Errorf("%s is called %s", dir, s.DataDir())
	}
	if _, err := Start(t.Context(), Config{DataDir: dir}); err == nil {
		t.Error("a second start under the other name")
	}
}

func TestSocketDirThatIsSomebodyElsesIsRefused(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	theirs := newDir(t)
	if err := os.Symlink(theirs, filepath.Join(dir, "socket")); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "belongs to somebody else") {
		t.Errorf("Start says: %v", err)
	}
}

func TestAddressesReadBackAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	dir := `/data/50% +1 & 'a'?#=/socket`
	url := socketURL("a b/c", dir, 6000)
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Host != dir || cfg.Port != 6000 || cfg.Database != "a b/c" || cfg.User != "postgres" {
		t.Errorf("%s is read as host %q, port %d, database %q, user %q", url, cfg.Host, cfg.Port, cfg.Database, cfg.User)
	}
	if strings.Contains(url, "+") || strings.Contains(url, "'") {
		t.Errorf("%s: libpq does not read + as a space, and people put the address into quotes", url)
	}
}
