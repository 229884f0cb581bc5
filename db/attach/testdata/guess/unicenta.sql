-- uniCenta and Openbravo POS: a ticket is rows once it is paid, and a blob before; its time stands in the receipt of the same key.
create table people (id varchar primary key, name varchar not null, apppassword varchar, card varchar, role varchar not null, visible boolean not null, image bytea);
create table roles (id varchar primary key, name varchar not null, permissions bytea);
create table categories (id varchar primary key, name varchar not null, parentid varchar references categories);
create table products (id varchar primary key, reference varchar not null, code varchar not null, name varchar not null, category varchar not null references categories, printto varchar default '1');
create table closedcash (money varchar primary key, host varchar not null, hostsequence int not null, datestart timestamp not null, dateend timestamp);
create table receipts (id varchar primary key, money varchar not null references closedcash, datenew timestamp not null, attributes bytea, person varchar);
create table tickets (id varchar primary key references receipts, tickettype int default 0 not null, ticketid int not null, person varchar not null references people, customer varchar, status int default 0 not null);
create table ticketlines (ticket varchar not null references tickets, line int not null, product varchar references products, attributesetinstance_id varchar, units double precision default 0 not null, price double precision default 0 not null, taxid varchar not null, attributes bytea, primary key (ticket, line));
create table lineremoved (removeddate timestamp not null default current_timestamp, name varchar, ticketid varchar, productid varchar, productname varchar, units double precision default 0 not null);
create table floors (id varchar primary key, name varchar not null);
create table places (id varchar primary key, name varchar not null, x int not null, y int not null, floor varchar not null references floors, customer varchar, waiter varchar, ticketid varchar, tablemoved boolean not null default false);
create table sharedtickets (id varchar primary key, name varchar not null, content bytea, appuser varchar, pickupid integer not null default 0, locked varchar);
insert into people values('0','Administrator',null,null,'0',true,null); insert into roles values('0','Administrator role',null); insert into categories values('000','Standard',null); insert into products values('p1','r','c','Soup','000'); insert into closedcash values('m','h',1,now());
insert into receipts values('6b1a9c0e-1111-4f5b-8a39-1a2b3c4d5e6f','m',now()); insert into tickets values('6b1a9c0e-1111-4f5b-8a39-1a2b3c4d5e6f',0,7,'0',null,0); insert into ticketlines values('6b1a9c0e-1111-4f5b-8a39-1a2b3c4d5e6f',0,'p1',null,2,1,'000');
insert into floors values('0','Floor'); insert into places values('1','Table 1',0,0,'0'); insert into sharedtickets values('1','Table 1','\x00','0',1);
