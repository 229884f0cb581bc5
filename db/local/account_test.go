package local

import (
	"fmt"
	"io"
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
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	id := func(s string) uint32 {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		return uint32(n)
	}
	home := newDir(t)
	if err := os.Chown(home, int(id(nobody.Uid)), int(id(nobody.Gid))); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "data")
	binary := copyOfThisBinary(t)
	asNobody := func(cmd *exec.Cmd) {
		cmd.Path = binary
		cmd.Dir = home
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: id(nobody.Uid), Gid: id(nobody.Gid)}
	}

	p := startProgram(t, dir, asNobody).waitReady(t)
	ask(t, p.url, "create table memory as select 'kept' as what")
	p.quit(t)

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
	nobody := account{}
	for _, name := range []string{"nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		nobody = account{name: name, uid: uint32(uid), gid: uint32(gid)}
	}
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

// copyOfThisBinary puts the test binary where every user can run it: go test builds it in a closed directory.
func copyOfThisBinary(t *testing.T) string {
	t.Helper()
	from, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	dir, err := os.MkdirTemp("", "kitchen-local-") // /dev/shm may forbid to run programs
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "local.test")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
