{{/* Finds the keys of all rows that a statement changed. */ -}}
{{define "watched"}}
  if TG_OP = 'UPDATE' then
{{- if .Users}}
    watched_users := {{.Users.Changed}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Changed}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Changed}};
{{- end}}
  elsif TG_OP = 'INSERT' then
{{- if .Users}}
    watched_users := {{.Users.Inserted}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Inserted}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Inserted}};
{{- end}}
  else
{{- if .Users}}
    watched_users := {{.Users.Deleted}};
{{- end}}
{{- if .Orders}}
    watched_orders := {{.Orders.Deleted}};
{{- end}}
{{- if .Queues}}
    watched_queues := {{.Queues.Deleted}};
{{- end}}
  end if;{{end -}}
{{/* Finds what was last recorded of the order, nearly always: transactions end in any order, but here it is the version that payloads say
that it gives, and whether the order was elsewhere. */ -}}
{{define "last change"}}select case when p.made % 8 <> 0 then p.made + 1 end, p.restaurant_id = restaurant and not p.gone, p.xact >= pg_current_xact_id()::text::bigint
      into version, stayed, mine
      from kitchen.order_changes p
     where p.order_id = watched_order order by p.order_id desc, p.xact desc limit 1;{{end -}}
{{/* Finds the order of one row. */ -}}
{{define "look up"}}select {{.Rows}}
        into watched_order, single{{if .NewOver}}, restaurant{{end}};{{end -}}
{{/* Finds the restaurant of an order whose row it is not, or which other tables decide about. */ -}}
{{define "restaurant"}}{{.Restaurant}}{{end -}}
{{/* Finds the order of an updated row, and is done where the row shows kitchens what it showed before. */ -}}
{{define "compare"}}select {{.Changed}}
        into watched_order, differs{{if .Over}}, restaurant{{end}};
      if differs is not true{{if not .OfOrders}} or watched_order::text = current_setting('kitchen.announced', true){{end}} then
        return null; -- an ORM that writes back what it has read, or what no kitchen sees{{if not .OfOrders}}, or an order that was just announced{{end}}
      end if;{{end -}}
{{/* Is done where this transaction has announced the orders of all rows: an order and its lines in one transaction. It is read after the
commit. Nearly always it is the one order that was announced last. */ -}}
{{define "announced"}}if current_setting('kitchen.announced', true) <> '' then
      if not exists (select from {{.Rows}} w where w.k::text is distinct from current_setting('kitchen.announced', true)) then
        return null;
      end if;
      select exists (select from {{.Rows}} w
                      where w.k is not null
                        and not exists (select from kitchen.order_changes c
                                         where c.order_id = w.k and c.xact = pg_current_xact_id()::text::bigint and c.changed_at = now() offset 0))
        into differs;
      if not differs{{if .Follow}} and not kitchen.any_stations(){{end}} then
        return null;
      end if;
    end if;{{end -}}
