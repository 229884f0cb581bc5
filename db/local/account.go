package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the operating system's user that runs the server. It is this program's user, or another one where that is root, as whom
// PostgreSQL refuses to run.
type account struct {
	name     string
	uid, gid uint32
	switched bool // another user than this program's
}

// clusterAccount chooses the user that runs the server: this program's user. Where that is root, it is the owner of the cluster, so that
// an ordinary user's cluster stays theirs; where there is no cluster or it is root's, the user postgres, or else nobody.
func clusterAccount(clusterDir string) (account, error) {
	euid := os.Geteuid()
	owner, owned, err := ownerOf(clusterDir)
	if err != nil {
		return account{}, err
	}
	if euid != 0 {
		self := account{name: userName(uint32(euid)), uid: uint32(euid), gid: uint32(os.Getegid())}
		if owned && owner.uid != self.uid {
			return account{}, fmt.Errorf("the private database in %s belongs to user %s, and this program runs as %s: run it "+
				"as that user (or root), or choose another directory with --data-dir", clusterDir, owner.name, self.name)
		}
		return self, nil
	}
	if owned && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} { // _postgres: macOS
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody " +
		"on this machine: run this program as an ordinary user, or add a user postgres")
}

func ownerOf(path string) (owner account, exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return account{}, false, nil
	}
	if err != nil {
		return account{}, false, fmt.Errorf("look at the private database: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false, fmt.Errorf("look at the private database: owner of %s unknown", path)
	}
	return account{name: userName(st.Uid), uid: st.Uid, gid: st.Gid, switched: true}, true, nil
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// own gives a directory and what is in it to the account. It changes the owner of root's files only.
func (a account) own(dir string) error {
	if !a.switched {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		switch {
		case ok && st.Uid == a.uid && path == dir:
			return fs.SkipAll // already given: the owner of the top directory is changed last
		case ok && st.Uid == a.uid, path == dir:
			return nil
		default:
			return os.Lchown(path, int(a.uid), int(a.gid))
		}
	})
	if err == nil {
		err = os.Lchown(dir, int(a.uid), int(a.gid))
	}
	if err != nil {
		return fmt.Errorf("hand %s to user %s: %w", dir, a.name, err)
	}
	return nil
}

// mayEnter asks the kernel whether the account can reach dir, because permission bits do not show access control lists. The error names
// the first directory on the way that the account cannot enter.
func (a account) mayEnter(ctx context.Context, binDir, dir string) error {
	if !a.switched || a.enter(ctx, binDir, dir) == nil {
		return nil
	}
	closed := dir
	for parent := dir; parent != filepath.Dir(parent); parent = filepath.Dir(parent) {
		if a.enter(ctx, binDir, parent) != nil {
			closed = parent
		}
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("the private database runs as user %s, who cannot enter %s: choose another directory with --data-dir "+
		"(/var/lib/kitchen, say), or let others pass with chmod o+x %s", a.name, closed, closed)
}

func (a account) enter(ctx context.Context, binDir, dir string) error {
	_, err := run(ctx, a, dir, filepath.Join(binDir, "postgres"), "--version")
	return err
}
