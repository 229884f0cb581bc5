package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// What is guessed is a mapping that the check lets pass on tables with plain names, and says where it guessed.
func TestGuessIsAMappingForPlainTables(t *testing.T) {
	for name, sql := range map[string]string{
		"django": read(t, "testdata/django.sql"),
		"text keys, camel case, enum": `
			create type "OrderStatus" as enum ('PENDING_APPROVAL', 'PENDING', 'PREPARING', 'READY', 'SERVED', 'PAID', 'CANCELLED');
			create table branches (id text primary key, name text not null);
			create table users (id text primary key, email text not null, role text not null, "branchId" text not null references branches);
			create table products (id text primary key, name text not null, "branchId" text not null references branches);
			create table orders (id text primary key, "orderNumber" text not null, status "OrderStatus" not null, notes text, "branchId" text not null references branches, "createdAt" timestamp(3) not null default now());
			create index on orders ("branchId", status);
			create table order_items (id text primary key, quantity int not null, "orderId" text not null references orders, "productId" text not null references products);
			create index on order_items ("orderId");
			insert into branches values ('b1', 'North'), ('b2', 'South'); insert into users values ('u1', 'a@example.org', 'KITCHEN', 'b1'); insert into products values ('p1', 'Soup', 'b1'), ('p2', 'Tea', 'b2');
			insert into orders values ('o1', 'A-1', 'PENDING', null, 'b1'), ('o2', 'A-2', 'READY', 'x', 'b2'); insert into order_items values ('i1', 1, 'o1', 'p1'), ('i2', 2, 'o2', 'p2')`,
		"one restaurant, no users": `
			create table "order" (id serial primary key, state text not null, created_at timestamptz not null default now());
			create table order_line (id serial primary key, order_id int references "order", qty int, title text);
			create index on order_line (order_id);
			insert into "order" (state) values ('new'), ('cooking'), ('done'), ('cart'); insert into order_line (order_id, qty, title) values (1, 1, 'Soup'), (2, 2, 'Tea')`,
	} {
		t.Run(name, func(t *testing.T) {
			h := bare(t, sql)
			guessed, err := attach.Guess(t.Context(), h.conn)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(guessed, "GUESS") {
				t.Error("it does not say where it guessed")
			}
			report := h.check(parse(t, "guessed.sql", guessed))
			if report.Worst() == attach.Wrong {
				t.Errorf("%s\n%s", text(report), guessed)
			}
		})
	}
}

func TestGuessSaysThatThereAreNoOrders(t *testing.T) {
	h := bare(t, `create table plants (id serial primary key, name text)`)
	if _, err := attach.Guess(t.Context(), h.conn); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Errorf("%v", err)
	}
}
