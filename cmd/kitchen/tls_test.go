package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// writeCertificate makes a certificate of 127.0.0.1 with a name, and puts it and its key under two paths.
func writeCertificate(t *testing.T, name, certFile, keyFile string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestDisplaysOverTLSAndARenewedCertificate(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	roots := x509.NewCertPool()
	roots.AddCert(writeCertificate(t, "first", certFile, keyFile))
	n := &served{running: start(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0", "--tls-cert", certFile, "--tls-key", keyFile, "--hsts", "48h")}
	n.url = n.line(t, "https://")
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	address := "wss" + strings.TrimPrefix(n.url, "https") + "/ws/kitchen/" + string(h.restaurant) + "/?token=" + h.token(t)
	dial := func() (*websocket.Conn, string) {
		t.Helper()
		conn, _, err := dialer.DialContext(t.Context(), address, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn, conn.NetConn().(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	conn, name := dial()
	d := &display{Conn: conn}
	d.untilType(t, "initial_queue")
	id := h.order(t, "over TLS")
	if m := d.untilType(t, "order_created"); m.Order.ID != id || name != "first" {
		t.Errorf("got %+v from %q", m.Order, name)
	}

	client := http.Client{Transport: &http.Transport{TLSClientConfig: dialer.TLSClientConfig, DisableKeepAlives: true}}
	response, err := client.Get(n.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got := response.Header.Get("Strict-Transport-Security"); got != "max-age=172800" {
		t.Errorf("browsers are asked to stay with TLS: %q", got)
	}

	// Half of a renewal is none; a whole one is taken, without a new start, and old sockets stay.
	if err := os.WriteFile(certFile, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "a word about the broken file", func() bool {
		_, name := dial()
		return name == "first" && strings.Contains(n.stderr.String(), "the one from before is used on")
	})
	roots.AddCert(writeCertificate(t, "second", certFile, keyFile))
	until(t, "the new certificate", func() bool { _, name := dial(); return name == "second" })
	h.order(t, "on the old socket")
	d.untilType(t, "order_created")
}

func TestCertificateThatIsNoneEndsTheStart(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	for args, want := range map[string]string{
		"--tls-cert /nowhere/cert.pem":                            "give both --tls-cert and --tls-key",
		"--tls-cert /nowhere/cert.pem --tls-key /nowhere/key.pem": "certificate: stat /nowhere/cert.pem",
	} {
		_, errs, code := kitchen(t, onDatabase(url), append([]string{"serve", "--listen", "127.0.0.1:0"}, strings.Fields(args)...)...)
		if code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d, %s", args, code, errs)
		}
	}
}
