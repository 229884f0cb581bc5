package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate and its key in two files, which are read again when they change, because they are renewed every
// few weeks by programs that do not know this one.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate // guarded by mu, as is all below
	changed time.Time        // of the newer of the two files, when it was read
	looked  time.Time
	failed  bool
}

// lookEvery is how old the certificate of a new connection may be, against looking at two files for each.
const lookEvery = time.Second

// openCertificate reads the files for the first time: then an error ends the program, later it does not.
func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	changed, err := c.modified()
	if err == nil {
		err = c.read(changed)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate: %w: --tls-cert and --tls-key want PEM files that belong together", err)
	}
	return c, nil
}

func (c *certificate) modified() (newer time.Time, err error) {
	for _, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return newer, err
		}
		if info.ModTime().After(newer) {
			newer = info.ModTime()
		}
	}
	return newer, nil
}

func (c *certificate) read(changed time.Time) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.changed = &pair, changed
	return nil
}

// get is the certificate for a new connection. Files that do not fit, as while they are being replaced one after the other,
// leave the one that there was.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.current, nil
	}
	c.looked = time.Now()
	changed, err := c.modified()
	if err == nil && !changed.Equal(c.changed) {
		if err = c.read(changed); err == nil {
			c.log.Info("the certificate was read again", "valid_until", c.current.Leaf.NotAfter)
		}
	}
	if err != nil && !c.failed {
		c.log.Error("the certificate cannot be read again: the one from before is used on", "err", err)
	}
	c.failed = err != nil
	return c.current, nil
}

// config offers HTTP/1.1 alone: sockets begin there.
func (c *certificate) config() *tls.Config {
	return &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
}
