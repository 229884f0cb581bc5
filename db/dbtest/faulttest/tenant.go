package faulttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/order"
)

const canaryPrefix, canaryLength = "canary-", 16

// Tenant is a restaurant of a test. Its canary is in every text that its writers write, and nowhere else: no display of another
// restaurant may ever receive it.
type Tenant struct {
	ID     order.RestaurantID
	Canary string

	items, options []string // ids of its menu

	mu         sync.Mutex
	opened     map[string]*message // messages that its displays received, parsed
	openedSize int                 // bytes
}

// Tenants makes restaurants with a small menu each, and has the database record every version of every order from here on.
func Tenants(t testing.TB, pool *pgxpool.Pool, n int) []*Tenant {
	t.Helper()
	ctx := context.Background()
	_, err := pool.Exec(ctx, `
		create table if not exists noted_versions (order_id uuid, version bigint, status text);
		create or replace function note_version() returns trigger language plpgsql security definer
		set search_path = pg_catalog, pg_temp as $$
		begin
		  insert into public.noted_versions
		  select v.order_id, v.version, o.status from kitchen.order_versions v join public.orders o on o.id = v.order_id
		   where o.id = coalesce(to_jsonb(NEW)->>'order_id', to_jsonb(NEW)->>'id')::uuid;
		  return null;
		end $$;
		create or replace trigger zz_note_version after insert or update on orders for each row execute function note_version();
		create or replace trigger zz_note_version after insert on kitchen.order_changes for each row execute function note_version();
		alter table orders enable always trigger zz_note_version;
		alter table kitchen.order_changes enable always trigger zz_note_version`)
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	tenants := make([]*Tenant, n)
	for i := range tenants {
		if tenants[i], err = NewTenant(ctx, pool); err != nil {
			t.Fatalf("faulttest: %v", err)
		}
	}
	return tenants
}

// NewTenant makes one restaurant with a small menu.
func NewTenant(ctx context.Context, pool *pgxpool.Pool) (*Tenant, error) {
	tenant := &Tenant{Canary: fmt.Sprintf("%s%016x", canaryPrefix, rand.Uint64())}
	err := pool.QueryRow(ctx, `
		with r as (insert into restaurants (name) values ($1) returning id),
		     i as (insert into menu_items (restaurant_id, name) select id, $1 || ' dish ' || n from r, generate_series(1, 3) n returning id),
		     o as (insert into modifier_options (restaurant_id, name) select id, $1 || ' option' from r returning id)
		select r.id::text, array(select id::text from i), array(select id::text from o) from r`, tenant.Canary).
		Scan(&tenant.ID, &tenant.items, &tenant.options)
	if err != nil {
		return nil, fmt.Errorf("make a tenant: %w", err)
	}
	return tenant, nil
}
