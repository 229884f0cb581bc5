-- Which version of an order was drawn on a screen that somebody could look at (painted), and which one a hand touched first (touched):
-- the first time of each. The kitchen's own rows: no order is locked for them, has a new version, or is announced.
create table kitchen.sightings (
  order_id      kitchen.order_key not null,
  restaurant_id kitchen.restaurant_key not null,
  version       bigint not null,
  how           text not null,
  seen_at       timestamptz not null default now(),
  node          text not null,
  display       bigint not null,                     -- its number on that node, as in the node's log
  constraint sightings_pkey primary key (order_id, how, version),
  constraint sightings_how_known check (how in ('painted', 'touched'))
);
create index sightings_lately on kitchen.sightings using brin (seen_at); -- for tidying alone

-- What is wrong now with orders that nobody has seen: a row for each restaurant and reason. An alarm is on where raised_at says since
-- when; before that, the look-out has noticed something and waits for whether it lasts.
create table kitchen.alarms (
  restaurant_id       kitchen.restaurant_key not null,
  reason              text not null,
  noticed_at          timestamptz not null,
  raised_at           timestamptz,
  orders              integer not null,              -- when it was raised
  oldest_order_id     kitchen.order_key not null,
  oldest_order_number bigint,
  oldest_since        timestamptz not null,          -- when that order came
  constraint alarms_pkey primary key (restaurant_id, reason),
  constraint alarms_reason_known check (reason in ('no_display', 'not_painted', 'not_touched'))
);

-- Which node looks out for such orders. A crash of the server empties it, as it does kitchen.screens: the look-out begins anew then.
create unlogged table kitchen.lookout (
  one    boolean not null default true,
  node   text not null,
  due_at timestamptz not null,                       -- when it looks next
  since  timestamptz not null,                       -- since when somebody has looked without a gap
  constraint lookout_pkey primary key (one),
  constraint lookout_one check (one)
);
