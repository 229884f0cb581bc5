{{/* Records the orders that a SERIALIZABLE transaction has written, from its rows as they were and are. */ -}}
{{define "record"}}if TG_OP = 'INSERT' then
        perform kitchen.record_orders(array_agg(v.id)::kitchen.order_key[], null, array_agg(v.restaurant_id)::kitchen.restaurant_key[], TG_OP)
           from ({{.Over.Of "new_rows"}}) v;
      elsif TG_OP = 'UPDATE' then
        perform kitchen.record_orders(array_agg(coalesce(v.id, w.id))::kitchen.order_key[], array_agg(w.restaurant_id)::kitchen.restaurant_key[], array_agg(v.restaurant_id)::kitchen.restaurant_key[], TG_OP)
           from ({{.Over.Of "new_rows"}}) v
           full join ({{.Over.Of "old_rows"}}) w on w.id = v.id
          where coalesce(v.id, w.id) = any (watched_orders);
      else
        perform kitchen.record_orders(array_agg(v.id)::kitchen.order_key[], array_agg(v.restaurant_id)::kitchen.restaurant_key[], null, TG_OP)
           from ({{.Over.Of "old_rows"}}) v;
      end if;{{end -}}
