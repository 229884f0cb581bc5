package local

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// What only root can see: that the server runs as somebody else, and that an ordinary user can do all of this, too. Run
// by an ordinary user, the other tests show the latter.

func TestClusterOfAnOrdinaryUserStaysTheirs(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return
	}
	nobody := lookUpNobody(t)
	home := newDir(t)
	if err := os.Chown(home, int(nobody.uid), int(nobody.gid)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "data")
	binary := copyOfThisBinary(t)
	asNobody := func(cmd *exec.Cmd) {
		cmd.Path = binary
		cmd.Dir = home
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody.uid, Gid: nobody.gid}
	}

	p := startProgram(t, dir, asNobody).waitReady(t)
	ask(t, p.url, "create table memory as select 'kept' as what")
	p.quit(t)
	// What root makes in their directory must be theirs as well.
	for _, path := range []string{lockPath(dir), filepath.Join(dir, "postgres.log")} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}

	s := start(t, Config{DataDir: dir}) // as with sudo
	if owner, _, err := ownerOf("/proc/" + strconv.Itoa(s.PID())); err == nil && owner.name != "nobody" {
		t.Errorf("root's server runs as %s", owner.name)
	}
	if got := ask(t, s.URL(), "select what from memory"); got != "kept" {
		t.Errorf("found %q", got)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	startProgram(t, dir, asNobody).waitReady(t).quit(t)
}

func TestClusterOfAnotherUserIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return
	}
	dir := newCluster(t)
	s := start(t, Config{DataDir: dir})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if s.account.name == "nobody" {
		return // this machine has no user postgres: all that root makes is nobody's
	}
	for _, path := range []string{dir, lockPath(dir)} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	nobody := lookUpNobody(t)
	binary := copyOfThisBinary(t)
	p := startProgram(t, dir, func(cmd *exec.Cmd) {
		cmd.Path = binary
		cmd.Dir = "/"
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody.uid, Gid: nobody.gid}
	})
	line, _ := p.answer.ReadString('\n')
	if want := fmt.Sprintf("belongs to user %s, and this program runs as nobody", s.account.name); !strings.Contains(line, want) {
		t.Errorf("%q is not in: %s", want, line)
	}
}

func TestClosedDirectoryOnTheWayIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return
	}
	closed := filepath.Join(newDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{DataDir: filepath.Join(closed, "in", "here")})
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+closed+":") || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("Start says: %v", err)
	}
}

func lookUpNobody(t *testing.T) account {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}
}

// copyOfThisBinary puts the test binary where every user can run it: go test builds it in a closed directory.
func copyOfThisBinary(t *testing.T) string {
	t.Helper()
	from, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "kitchen-local-") // /dev/shm may forbid to run programs
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "local.test")
	writeProgram(t, path, content)
	return path
}
