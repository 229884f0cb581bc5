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
{{/* The last row of an order in kitchen.order_changes, nearly always: transactions end in any order, but here it is the version that
payloads say that it gives, and whether the order was elsewhere. */ -}}
{{define "last change"}}(select p.made, p.restaurant_id, p.gone from kitchen.order_changes p
                        where p.order_id = {{.}} order by p.order_id desc, p.xact desc limit 1) p{{end -}}
{{/* Finds the order of one row, and what was last recorded of it. */ -}}
{{define "look up"}}select w.k, {{if .NewOver}}w{{else}}v{{end}}.restaurant_id, p.made, p.restaurant_id = {{if .NewOver}}w{{else}}v{{end}}.restaurant_id and not p.gone
      from {{.Rows}} w
{{- if not .NewOver}}
     cross join lateral (select v.restaurant_id from kitchen.orders v where v.id = w.k and v.restaurant_id is not null) v
{{- end}}
      left join lateral {{template "last change" "w.k"}} on true
      into watched_order, restaurant, version, stayed;{{end -}}
{{/* Does the same for an updated row, and is done where it shows kitchens what it showed before. */ -}}
{{define "compare"}}select {{.Changed}}
      into watched_order, differs{{if .Over}}, restaurant{{end}};
    if not differs then
      return null; -- an ORM that writes back what it has read, or what no kitchen sees
    end if;
{{- if not .OfOrders}}
    if watched_order::text = current_setting('kitchen.told', true) then
      return null;
    end if;
{{- end}}
{{- if .Over}}
    if restaurant is null then
      watched_order := null;
    elsif differs then
      select p.made, p.restaurant_id = restaurant and not p.gone from {{template "last change" "watched_order"}}
        into version, stayed;
    end if;
{{- else}}
    if differs then
      {{template "look up" (.Of "(select watched_order::kitchen.order_key as k)")}}
    end if;
{{- end}}{{end -}}
{{/* Is done where this transaction has announced the orders of all rows: an order and its lines in one transaction. It is read after the
commit. Nearly always it is the one order that was announced last. */ -}}
{{define "announced"}}if current_setting('kitchen.told', true) <> '' then
      if not exists (select from {{.Rows}} w where w.k::text is distinct from current_setting('kitchen.told', true)) then
        return null;
      end if;
      select exists (select from {{.Rows}} w
                      where w.k is not null
                        and not exists (select from kitchen.order_changes c
                                         where c.order_id = w.k and c.xact = pg_current_xact_id()::text::bigint and c.changed_at = now() offset 0))
        into differs;
      if not differs and not follows then
        return null;
      end if;
    end if;{{end -}}
