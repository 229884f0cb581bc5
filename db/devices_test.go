package db_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kitchen/db/order"
)

// codeHash is the hash of a code as kitchen.pair makes it.
func codeHash(code string) order.TokenHash {
	return sha256.Sum256([]byte(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))))
}

func (f fixture) ask(code string, life time.Duration) order.Pairing {
	f.Helper()
	p := order.Pairing{Device: order.DeviceID(f.id(`select gen_random_uuid()::text`)), Code: codeHash(code), Token: codeHash("pass " + code), From: "192.0.2.7"}
	expires, err := f.db.AskToPair(f.Context(), p, life)
	if err != nil || time.Until(expires) > life+time.Second {
		f.Fatalf("%v, %v", expires, err)
	}
	return p
}

func TestCodeIsConfirmedOnceAndAsPeopleWriteIt(t *testing.T) {
	f := open(t)
	r, other := f.restaurant(), f.restaurant()
	p := f.ask("7K3M01QX", time.Minute)
	found, err := f.db.PairingWithCode(t.Context(), p.Code)
	if err != nil || found.Device != p.Device || found.Token != p.Token || found.From != "192.0.2.7" || time.Since(found.Asked) > time.Minute {
		t.Errorf("%+v, %v", found, err)
	}
	confirm := func(c order.Confirmation) error {
		_, err := f.db.Pair(t.Context(), c)
		return err
	}
	var refused *order.RefusedError
	for _, wrong := range []struct {
		c     order.Confirmation
		wants string
	}{
		{order.Confirmation{Code: "7K3M01QX", Restaurant: "00000000-0000-4000-8000-000000000000", Name: "Wall", Role: "kitchen"}, "there is no restaurant"},
		{order.Confirmation{Code: "7K3M01QX", Restaurant: r, Name: " ", Role: "kitchen"}, "1 to 60 characters"},
		{order.Confirmation{Code: "7K3M01QX", Restaurant: r, Name: strings.Repeat("x", 61), Role: "kitchen"}, "1 to 60 characters"},
		{order.Confirmation{Code: "7K3M01QX", Restaurant: r, Name: "Wall", Role: "owner"}, "its role is"},
	} {
		if err := confirm(wrong.c); !errors.As(err, &refused) || !strings.Contains(refused.Reason, wrong.wants) {
			t.Errorf("%+v: %v", wrong.c, err)
		}
	}
	if err := confirm(order.Confirmation{Code: "7K3M01QZ", Restaurant: r, Name: "Wall", Role: "kitchen"}); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("a code that nobody shows: %v", err)
	}
	good := order.Confirmation{Code: " 7k3m-oiqx ", Restaurant: r, Name: " Wall ", Role: "screen"}
	if err := confirm(good); err != nil {
		t.Fatal(err)
	}
	if err := confirm(good); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := f.db.PairingOf(t.Context(), p.Device); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("it still waits: %v", err)
	}
	devices, err := f.db.Devices(t.Context(), []order.DeviceID{p.Device, "no uuid"})
	if err != nil || len(devices) != 1 {
		t.Fatalf("%+v, %v", devices, err)
	}
	if d := devices[0]; d.Restaurant != r || d.Name != "Wall" || d.Role != "screen" || d.Token != p.Token || d.Revoked || !d.LastSeen.IsZero() {
		t.Errorf("the confirmed device is %+v", d)
	}

	// A restaurant's screens have different names, until one is revoked.
	f.ask("AAAA", time.Minute)
	if err := confirm(order.Confirmation{Code: "AAAA", Restaurant: r, Name: "WALL", Role: "kitchen"}); !errors.As(err, &refused) || !strings.Contains(refused.Reason, "already") {
		t.Errorf("the same name: %v", err)
	}
	if revoked, err := f.db.Revoke(t.Context(), other, "wall"); err != nil || len(revoked) != 0 {
		t.Errorf("in another restaurant: %+v, %v", revoked, err)
	}
	if revoked, err := f.db.Revoke(t.Context(), "", "wall"); err != nil || len(revoked) != 1 || !revoked[0].Revoked {
		t.Errorf("%+v, %v", revoked, err)
	}
	if err := confirm(order.Confirmation{Code: "AAAA", Restaurant: r, Name: "WALL", Role: "kitchen"}); err != nil {
		t.Errorf("the name of one that was revoked: %v", err)
	}
	if all, err := f.db.AllDevices(t.Context(), r); err != nil || len(all) != 2 || all[0].Revoked || !all[1].Revoked {
		t.Errorf("%+v, %v", all, err)
	}
}

// A board may be told, when it is paired, which stations it shows: by their names or ids, of its own restaurant alone.
func TestBoardIsPairedWithStations(t *testing.T) {
	f := open(t)
	r, other := f.restaurant(), f.restaurant()
	f.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Grill', 1) returning id::text`, r)
	bar := f.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Bar', 2) returning id::text`, r)
	theirs := f.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Fryer') returning id::text`, other)
	f.ask("AAAA", time.Minute)
	c := order.Confirmation{Code: "AAAA", Restaurant: r, Name: "Wall", Role: "kitchen"}
	for _, wrong := range []struct {
		role, station, wants string
	}{
		{"kitchen", "Fryer", `no station "Fryer": it has Grill, Bar`},
		{"kitchen", theirs, "no station"},
		{"kitchen", "", "no station"},
		{"screen", "Bar", "a pick-up screen shows no station"},
	} {
		c.Role, c.Stations = wrong.role, []string{"grill", wrong.station}
		var refused *order.RefusedError
		if _, err := f.db.Pair(t.Context(), c); !errors.As(err, &refused) || !strings.Contains(refused.Reason, wrong.wants) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	c.Role, c.Stations = "kitchen", []string{strings.ToUpper(bar), " grill ", "Grill"}
	id, err := f.db.Pair(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	shown := func() (names []string) {
		devices, err := f.db.Devices(t.Context(), []order.DeviceID{id})
		if err != nil || len(devices) != 1 {
			t.Fatalf("%+v, %v", devices, err)
		}
		for _, s := range devices[0].Stations {
			names = append(names, s.Name)
		}
		return names
	}
	if got := shown(); !slices.Equal(got, []string{"Grill", "Bar"}) {
		t.Errorf("it shows %v", got)
	}
	f.exec(`delete from kitchen.stations where id = $1`, bar)
	if got := shown(); !slices.Equal(got, []string{"Grill"}) {
		t.Errorf("with a station gone it shows %v", got)
	}
}

func TestCodesLiveForAWhileAndAreBounded(t *testing.T) {
	f := open(t)
	r := f.restaurant()
	f.ask("OLD", time.Hour)
	f.exec(`update kitchen.pairings set expires_at = now()`)
	if _, err := f.db.Pair(t.Context(), order.Confirmation{Code: "OLD", Restaurant: r, Name: "Wall", Role: "kitchen"}); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("a code that is over: %v", err)
	}
	f.exec(`insert into kitchen.pairings (device_id, code_hash, pass_hash, expires_at)
		select gen_random_uuid(), sha256(n::text::bytea), '', now() + interval '1 minute' from generate_series(1, 999) n`)
	f.ask("LAST", time.Minute) // in the place of the old one
	if _, err := f.db.AskToPair(t.Context(), order.Pairing{Device: order.DeviceID(f.id(`select gen_random_uuid()::text`))}, time.Minute); !errors.Is(err, order.ErrTooMany) {
		t.Errorf("one more than there is room for: %v", err)
	}
}

func TestOfManyWhoConfirmACodeOneDoes(t *testing.T) {
	f := open(t)
	r := f.restaurant()
	for round := range 50 {
		code := fmt.Sprintf("R%d", round)
		f.ask(code, time.Minute)
		var done atomic.Int32
		var racing sync.WaitGroup
		for i := range 4 {
			racing.Go(func() {
				_, err := f.db.Pair(t.Context(), order.Confirmation{Code: code, Restaurant: r, Name: fmt.Sprintf("%s by %d", code, i), Role: "kitchen"})
				if err == nil {
					done.Add(1)
				} else if !errors.Is(err, order.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		racing.Wait()
		if done.Load() != 1 {
			t.Fatalf("round %d: %d confirmed it", round, done.Load())
		}
	}
	if n := f.id(`select count(*)::text from kitchen.devices`); n != "50" {
		t.Errorf("%s devices", n)
	}
}
