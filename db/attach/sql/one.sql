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
{{/* Records the change of one order and announces it, in the same query: where it was there before, in the same restaurant. */ -}}
{{define "announce"}}insert into kitchen.order_changes as c (order_id, restaurant_id, xact)
    select v.id, v.restaurant_id, pg_current_xact_id()::text::bigint
      from {{.Rows}} w
     cross join lateral (select v.id, v.restaurant_id from kitchen.orders v where v.id = w.k) v
    on conflict do nothing
    returning c.order_id, c.restaurant_id,
              case when kitchen.is_silent() then ''
{{- if .New}}
                   when not exists (select from kitchen.order_changes p where p.order_id = c.order_id)
                   then {{.Notify}}('kitchen_' || c.restaurant_id, '{"type":"order_created","order_id":' || {{.JSON "c.order_id"}} ||
                        ',"version":1' || kitchen.writer())::text
{{- else}}
                   else (select case when bool_and(p.restaurant_id = c.restaurant_id and not p.gone)
                                then {{.Notify}}('kitchen_' || c.restaurant_id, '{"type":"order_updated","order_id":' || {{.JSON "c.order_id"}} ||
                                     ',"version":' || sum(p.version) + 1 || kitchen.writer())::text end
                           from kitchen.order_changes p where p.order_id = c.order_id)
{{- end}}
              end,
              {{if .Follow}}exists (select from kitchen.stations){{else}}false{{end}}
      into watched_order, restaurant, told, follows;{{end -}}
{{/* Does the same for an updated row, and is done where it shows kitchens what it showed before. */ -}}
{{define "compare"}}select {{.Changed}}
      into watched_order, differs;
    if not differs then
      return null; -- an ORM that writes back what it has read, or what no kitchen sees
    end if;
    if differs then
      {{template "announce" (.Of "(select watched_order::kitchen.order_key as k)")}}
    end if;{{end -}}
{{/* Is done where this transaction has announced the orders of all rows. */ -}}
{{define "announced"}}select exists (select from {{.Rows}} w
                    where w.k is not null
                      and not exists (select from kitchen.order_changes c
                                       where c.order_id = w.k and c.xact = pg_current_xact_id()::text::bigint and c.changed_at = now() offset 0)),
           {{if .Follow}}exists (select from kitchen.stations){{else}}false{{end}}
      into differs, follows;
    if not differs and not follows then
      return null; -- an order and its lines in one transaction: it is announced, and read after the commit
    end if;{{end -}}
