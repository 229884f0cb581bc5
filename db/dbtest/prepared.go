package dbtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// Prepared is a database of which several tests of a package want a copy each, because making it takes longer than copying it.
type Prepared struct {
	Fill func(t testing.TB, url string) // an empty database; it leaves no connection, because a database that has one cannot be copied

	once sync.Once
	name string
	err  error
}

// New returns the URL of a fresh copy, as [New] does. The first test that wants one makes the original, which is dropped after the last test.
func (p *Prepared) New(t testing.TB) string {
	t.Helper()
	p.once.Do(func() {
		p.err = errors.New("the first test that wanted it could not") // unless it goes on
		p.err = p.prepare(t)
	})
	if p.err != nil {
		t.Fatalf("dbtest: prepare a database: %v", p.err)
	}
	return create(t, func(*server) string { return "template " + ident(p.name) })
}

func (p *Prepared) prepare(t testing.TB) error {
	t.Helper()
	s, err := shared.acquire(t.Context())
	if err != nil {
		return err
	}
	p.name = databaseName(time.Now())
	url, err := s.create(t.Context(), p.name, empty)
	if err != nil {
		return err
	}
	shared.dropAtTheEnd(p.name)
	p.Fill(t, url)
	return nil
}

func (h *hold) dropAtTheEnd(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.originals = append(h.originals, name)
}

func (s *server) dropAll(names []string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the tests have ended
	defer cancel()
	for _, name := range names {
		if dropErr := s.drop(ctx, name); dropErr != nil {
			err = errors.Join(err, fmt.Errorf("of which tests had copies: %w", dropErr))
		}
	}
	return err
}
