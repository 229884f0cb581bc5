// Package idptest is an identity provider for tests: it publishes keys at an address, and signs tokens with them.
package idptest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Provider answers at an address with what a test says, until the test ends.
type Provider struct {
	*httptest.Server
	mu     sync.Mutex
	answer string
	status int
	asked  int
}

// New starts a provider that answers nothing yet.
func New(t testing.TB) *Provider {
	p := &Provider{status: http.StatusOK}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked++
		w.WriteHeader(p.status)
		fmt.Fprint(w, p.answer)
	}))
	t.Cleanup(p.Close)
	return p
}

// Answer sets what the address answers from now on.
func (p *Provider) Answer(status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.answer = status, body
}

// Publish answers with a set of keys.
func (p *Provider) Publish(jwks ...string) { p.Answer(http.StatusOK, KeySet(jwks...)) }

// Asked is how often the address was asked.
func (p *Provider) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// KeySet is a JSON Web Key Set.
func KeySet(jwks ...string) string { return `{"keys":[` + strings.Join(jwks, ",") + `]}` }
