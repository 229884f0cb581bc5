package board_test

import (
	"slices"
	"time"
)

func (k *kitchen) receive(d *display, m map[string]any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer k.wake()
	if m["type"] == "seen" { // which every board says by itself
		k.saw(m)
		return
	}
	k.asked = append(k.asked, m)
	switch m["type"] {
	case "update_status":
		k.update(d, m)
	case "show":
		k.showing(d, m)
	case "update_lines":
		k.updateLines(d, m)
	case "fire":
		k.fire(d, m)
	case "list_recent":
		recent := []*order{}
		for _, o := range k.orders {
			if !o.open() && o.Status != "deleted" {
				recent = append([]*order{o}, recent...)
			}
		}
		answer := map[string]any{"type": "recent_orders", "orders": recent}
		if id, ok := m["request_id"]; ok {
			answer["request_id"] = id
		}
		d.say(answer)
	case "authenticate":
		token, _ := m["token"].(string)
		if !k.tokens[token] && k.closes {
			go d.close(4001, k.refusal)
			return
		}
		if !k.tokens[token] {
			d.say(map[string]any{"type": "error", "code": "bad_token", "message": "the token is not valid: get a new one"})
			return
		}
		d.token = token
		d.say(map[string]any{"type": "authenticated", "expires_at": k.now().Add(time.Hour)})
	}
}

func (k *kitchen) update(d *display, m map[string]any) {
	id, _ := m["order_id"].(string)
	status, _ := m["status"].(string)
	i := slices.IndexFunc(k.orders, func(o *order) bool { return o.ID == id && o.Status != "deleted" })
	refuse := func(code string) {
		answer := map[string]any{"type": "error", "code": code, "message": code, "request_id": m["request_id"], "order_id": id}
		if code == "conflict" {
			answer["status"], answer["version"] = k.orders[i].Status, k.orders[i].Version
		}
		if code == "not_ready" {
			answer["waiting"] = k.waiting(k.orders[i])
		}
		d.say(answer)
	}
	version, given := m["version"].(float64)
	switch {
	case k.silent:
	case i < 0:
		refuse("order_not_found")
	case k.deny[id] != "":
		refuse(k.deny[id])
	case k.orders[i].Status == status:
		d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": id, "status": status, "version": k.orders[i].Version})
	case given && int(version) != k.orders[i].Version:
		refuse("conflict")
	case (status == "ready" || status == "completed") && m["force"] != true && len(k.waiting(k.orders[i])) > 0:
		refuse("not_ready")
	default:
		k.setStatus(k.orders[i], status)
		d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": id, "status": status, "version": k.orders[i].Version})
	}
}

// setStatus changes and announces, like the real one: what comes back comes as an update, recalled.
func (k *kitchen) setStatus(o *order, status string) {
	was, moved := o.open(), k.follow(o, status)
	o.Status, o.Version, o.UpdatedAt = status, o.Version+1, k.now()
	if !was && o.open() {
		o.Recalled = true
	}
	if o.open() && (!was || moved) {
		k.send(map[string]any{"type": "order_updated", "order": o})
		return
	}
	k.send(map[string]any{"type": "order_status_changed", "order_id": o.ID, "status": status, "version": o.Version, "updated_at": o.UpdatedAt})
}
