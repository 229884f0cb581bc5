-- The screens that are connected now, on all nodes. Every node writes how many of its displays show what, again every few seconds: a
-- row that has not been written for 12 s is of a node that died, and counts no more. Nothing of it has to survive a crash, so the
-- table is unlogged. On another program's tables kitchen attach prints the same; a test compares them.

-- +goose Up
create unlogged table kitchen.screens (
  node          text not null,
  restaurant_id kitchen.restaurant_key not null,
  station_id    uuid,                                -- null: everything
  count         integer not null,
  seen_at       timestamptz not null default now(),
  constraint screens_count_positive check (count > 0)
) with (fillfactor = 50); -- so that writing a row again touches no index
create unique index screens_once on kitchen.screens (restaurant_id, node, coalesce(station_id, '00000000-0000-0000-0000-000000000000'));
create index screens_node on kitchen.screens (node);

-- +goose Down
drop table kitchen.screens;
