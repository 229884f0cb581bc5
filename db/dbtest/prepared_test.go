package dbtest

import (
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestEachTestHasItsOwnCopyOfWhatWasPrepared(t *testing.T) {
	t.Parallel()
	fills := 0
	p := Prepared{Fill: func(t testing.TB, url string) {
		fills++
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "create table dishes as select 'Soup' as name"); err != nil {
			t.Fatal(err)
		}
	}}
	for range 2 {
		conn := Conn(t, p.New(t))
		var dishes string
		if err := conn.QueryRow(t.Context(), "select string_agg(name, ' ') from dishes").Scan(&dishes); err != nil || dishes != "Soup" {
			t.Errorf("dishes %q, %v", dishes, err)
		}
		if _, err := conn.Exec(t.Context(), "insert into dishes values ('mine alone')"); err != nil {
			t.Fatal(err)
		}
	}
	if fills != 1 {
		t.Errorf("filled %d times", fills)
	}
}

func TestWhatWasPreparedIsDroppedAtTheEnd(t *testing.T) {
	t.Parallel()
	s, err := shared.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := Prepared{Fill: func(testing.TB, string) {}}
	url := p.New(t)
	h := hold{server: &server{admin: s.admin}}
	h.dropAtTheEnd(p.name)
	if err := h.server.dropAll(h.originals); err != nil {
		t.Fatal(err)
	}
	original, err := databaseURL(url, p.name)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), original)
	if err == nil {
		conn.Close(t.Context())
		t.Fatal("it is still there")
	}
	if !strings.Contains(err.Error(), "3D000") { // invalid_catalog_name
		t.Error(err)
	}
}

// A test that fails while it prepares fails the others that want a copy, too: what is half filled is nobody's.
func TestNobodyHasACopyOfWhatIsHalfFilled(t *testing.T) {
	t.Parallel()
	p := Prepared{Fill: func(t testing.TB, _ string) { t.FailNow() }}
	for range 2 {
		failed := failing{TB: t}
		done := make(chan bool)
		go func() {
			defer close(done)
			p.New(&failed)
		}()
		<-done
		if !failed.yes {
			t.Error("a test went on with it")
		}
	}
}

// failing is a test that fails by itself.
type failing struct {
	testing.TB
	yes bool
}

func (f *failing) FailNow() { f.yes = true; runtime.Goexit() }

func (f *failing) Fatalf(string, ...any) { f.FailNow() }
