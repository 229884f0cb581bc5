package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"kitchen/db/local"
)

// seedsAtMost bounds what seeds take: each is some 50 MB, of memory perhaps, and each change of a migration makes another.
// Branches that are worked on side by side have one each.
const seedsAtMost = 8

// seed is a stopped cluster with a migrated database: copying one takes a tenth of the time of initdb and the migrations.
// A process that copies it holds a shared lock on its file "used", whose time says when it was used last.
type seed struct {
	dir  string
	used *os.File
}

func (s *seed) close() { s.used.Close() }

// openSeed returns the seed of today's migrations, and makes it if it is missing. The caller closes it after the copy.
func openSeed(ctx context.Context, run string) (*seed, error) {
	hash, err := migrationsHash(0, "")
	if err != nil {
		return nil, fmt.Errorf("test cluster: %w", err)
	}
	seeds := filepath.Join(run, "seeds")
	if err := makeDir(seeds); err != nil {
		return nil, err
	}
	gate, err := lock(filepath.Join(run, "seeding"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer gate.Close()
	if err := removeOld(filepath.Join(run, "clusters"), time.Hour); err != nil { // those of tests that were killed
		return nil, err
	}
	dir := filepath.Join(seeds, hash)
	if _, err := os.Stat(dir); err == nil {
		return useSeed(dir)
	}
	if err := removeSeeds(seeds, seedsAtMost-1); err != nil {
		return nil, err
	}
	building, err := makeTemp(seeds)
	if err != nil {
		return nil, err
	}
	if err := makeSeed(ctx, building); err != nil {
		return nil, errors.Join(err, os.RemoveAll(building))
	}
	if err := os.Rename(building, dir); err != nil {
		return nil, fmt.Errorf("test cluster: %w", err)
	}
	return useSeed(dir)
}

func useSeed(dir string) (*seed, error) {
	used, err := lock(filepath.Join(dir, "used"), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if err := os.Chtimes(used.Name(), now, now); err != nil {
		used.Close()
		return nil, fmt.Errorf("test cluster: %w", err)
	}
	return &seed{dir: dir, used: used}, nil
}

func makeSeed(ctx context.Context, dir string) error {
	s, err := local.Start(ctx, local.Config{DataDir: dir, Settings: fastSettings()})
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, s.URL()), s.Stop())
}

// removeSeeds removes seeds that were not used for a day, and all but so many of those that were used last. It keeps those
// that are being copied. The caller holds the lock "seeding", so that nobody begins to copy one meanwhile.
func removeSeeds(seeds string, keep int) error {
	entries, err := os.ReadDir(seeds)
	if err != nil {
		return fmt.Errorf("remove old clusters: %w", err)
	}
	lastUse := map[string]time.Time{}
	var dirs []string
	for _, e := range entries {
		dir := filepath.Join(seeds, e.Name())
		// One that was never used is what a process left that was killed while it made it.
		if info, err := os.Stat(filepath.Join(dir, "used")); err == nil {
			lastUse[dir] = info.ModTime()
		}
		dirs = append(dirs, dir)
	}
	slices.SortFunc(dirs, func(a, b string) int { return lastUse[b].Compare(lastUse[a]) })
	for i, dir := range dirs {
		if i < keep && time.Since(lastUse[dir]) < keepFor {
			continue
		}
		if isLocked(filepath.Join(dir, "used")) || isLocked(filepath.Join(dir, "postgres.lock")) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove old clusters: %w", err)
		}
	}
	return nil
}

// removeOld removes what is in dir, older than the age given, and not the data directory of a running program.
func removeOld(dir string, age time.Duration) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old clusters: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < age || isLocked(filepath.Join(path, "postgres.lock")) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove old clusters: %w", err)
		}
	}
	return nil
}
