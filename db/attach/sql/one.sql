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
{{/* Records the change of one order, and finds its version: null where it was gone or elsewhere before, which takes the long way. */ -}}
{{define "record one"}}insert into kitchen.order_changes as c (order_id, restaurant_id, xact)
    select v.id, v.restaurant_id, pg_current_xact_id()::text::bigint
      from {{.Rows}} w
     cross join lateral (select v.id, v.restaurant_id from kitchen.orders v where v.id = w.k) v
    on conflict do nothing
    returning c.order_id, c.restaurant_id,
{{- if .New}}
              case when not exists (select from kitchen.order_changes p where p.order_id = c.order_id) then 1 end,
{{- else}}
              (select case when bool_and(p.restaurant_id = c.restaurant_id and not p.gone) then sum(p.version::int) + 1 end
                 from kitchen.order_changes p where p.order_id = c.order_id),
{{- end}}
              {{if .Follow}}exists (select from kitchen.stations){{else}}false{{end}}
      into watched_order, restaurant, version, follows;{{end -}}
{{/* Does the same for an updated row, and is done where it shows kitchens what it showed before. */ -}}
{{define "compare"}}select {{.Changed}}
      into watched_order, differs;
    if not differs then
      return null; -- an ORM that writes back what it has read, or what no kitchen sees
    end if;
{{- if not .OfOrders}}
    if watched_order::text = current_setting('kitchen.told', true) then
      return null;
    end if;
{{- end}}
    if differs then
      {{template "record one" (.Of "(select watched_order::kitchen.order_key as k)")}}
    end if;{{end -}}
{{/* Is done where this transaction has announced the orders of all rows: an order and its lines in one transaction. It is read after the
commit. Nearly always it is the one order that was announced last. */ -}}
{{define "announced"}}if current_setting('kitchen.told', true) <> '' then
      if not exists (select from {{.Rows}} w where w.k::text is distinct from current_setting('kitchen.told', true)) then
        return null;
      end if;
      select exists (select from {{.Rows}} w
                      where w.k is not null
                        and not exists (select from kitchen.order_changes c
                                         where c.order_id = w.k and c.xact = pg_current_xact_id()::text::bigint and c.changed_at = now() offset 0)),
             {{if .Follow}}exists (select from kitchen.stations){{else}}false{{end}}
        into differs, follows;
      if not differs and not follows then
        return null;
      end if;
    end if;{{end -}}
