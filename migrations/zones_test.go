package migrations_test

import "testing"

// Every time zone that the server knows has business days that orders are numbered on, in summer and in winter.
func TestOrdersAreNumberedInEveryTimeZone(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		alter table restaurants disable trigger restaurants_check_timezone;; set kitchen.notify = off; truncate restaurants cascade;
		insert into restaurants (name, timezone) select name, name from pg_timezone_names;
		insert into orders (restaurant_id, created_at) select r.id, d.at from restaurants r, (values (timestamptz '2026-01-15 12:00Z'), ('2026-07-15 12:00Z')) d (at)`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`
		select count(*) || '' from orders o join restaurants r on r.id = o.restaurant_id
		 where o.business_day <> (o.created_at at time zone r.timezone - interval '4 hours')::date or o.order_number <> 1`); got != "0" {
		t.Errorf("%s orders are booked on another day, or numbered otherwise", got)
	}
	if got := h.one(`select (count(*) > 800)::text from orders`); got != "true" {
		t.Errorf("fewer orders than the server has time zones for")
	}
}

func TestTimeZonesAreThoseOfBrowsers(t *testing.T) {
	t.Parallel()
	h := open(t)
	for zone, taken := range map[string]bool{
		"UTC": true, "Europe/Rome": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+5": true,
		"GMT+5": false, "Rome": false, "Europe/Rom3": false, "europe/rome": false, "posix/Europe/Rome": false, "localtime": false, "CEST": false, "": false,
	} {
		err := h.do(`insert into restaurants (name, timezone) values ('x', '` + zone + `')`)
		if (err == nil) != taken {
			t.Errorf("%q: %v", zone, err)
		}
		if err := h.do(`update restaurants set timezone = '` + zone + `' where id = $A`); (err == nil) != taken {
			t.Errorf("%q, later: %v", zone, err)
		}
	}
	// One that the server has lost since refuses no order.
	if err := h.do(`alter table restaurants disable trigger user; update restaurants set timezone = 'Mars/Olympus' where id = $A; alter table restaurants enable trigger user`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`insert into orders (restaurant_id) values ($1) returning order_number::text`, h.a); got != "1" {
		t.Errorf("order %s", got)
	}
}
