package database

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// PrivateSecret returns the signing secret that belongs to the private database, and makes it the first time. It is a
// file that only its owner can read, and never changes: tokens stay good when the program is started again.
func PrivateSecret(dataDir string) (string, error) {
	path := filepath.Join(dataDir, "signing-secret")
	for {
		content, err := os.ReadFile(path)
		if err == nil {
			secret := strings.TrimSpace(string(content))
			if len(secret) < 32 {
				return "", fmt.Errorf("the signing secret in %s is cut short: remove the file, and a new one is made; old tokens are void then", path)
			}
			return secret, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read the signing secret: %w", err)
		}
		// Another process has made it in the meantime: use that one.
		if err := makeSecret(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make the signing secret: %w", err)
		}
	}
}

// makeSecret writes a temporary file and links it to its name, so that nobody reads half a secret.
func makeSecret(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes)                                          // never fails
	f, err := os.CreateTemp(filepath.Dir(path), ".signing-secret-*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(hex.EncodeToString(bytes) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
