package board_test

import (
	"slices"
)

// held has a line wait for its course to be fired.
func (i item) held(course int) item {
	i.Course, i.Held = &course, true
	return i
}

// inCourse gives a line a course that is not held.
func (i item) inCourse(course int) item {
	i.Course = &course
	return i
}

// ready has a line ready at all its stations.
func (i item) ready() item {
	i.Stations = slices.Clone(i.Stations)
	for n := range i.Stations {
		i.Stations[n].Status = "ready"
	}
	return i
}

// updateLines moves lines as kitchen.set_lines does.
func (k *kitchen) updateLines(d *display, m map[string]any) {
	id, _ := m["order_id"].(string)
	status, _ := m["status"].(string)
	station, _ := m["station"].(string)
	from, _ := m["from"].(string)
	reason, _ := m["reason"].(string)
	o, refuse := k.asks(d, m)
	if o == nil {
		return
	}
	var ids []string
	given, some := m["lines"].([]any)
	for _, line := range given {
		text, _ := line.(string)
		ids = append(ids, text)
	}
	var found []*at
	var lines []string
	for n := range o.Items {
		i := &o.Items[n]
		if some && !slices.Contains(ids, i.ID) || !some && i.Held {
			continue
		}
		for s := range i.Stations {
			a := &i.Stations[s]
			if deref(a.ID) != station {
				continue
			}
			if i.Held {
				refuse("not_allowed")
				return
			}
			found, lines = append(found, a), append(lines, i.ID)
		}
	}
	if len(found) == 0 || some && slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(lines, id) }) {
		refuse("conflict")
		return
	}
	if from != "" && slices.ContainsFunc(found, func(a *at) bool { return a.Status != from && a.Status != status }) {
		refuse("conflict")
		return
	}
	changed := false
	for _, a := range found {
		if a.Status != status {
			*a, changed = at{ID: a.ID, Status: status, Reason: reason}, true
		}
	}
	if changed {
		k.updateStatus(o)
	}
	d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": id, "status": o.Status, "version": o.Version})
}

// fire has the held lines of a course cooked.
func (k *kitchen) fire(d *display, m map[string]any) {
	course, _ := m["course"].(float64)
	o, refuse := k.asks(d, m)
	if o == nil {
		return
	}
	fired := false
	for n := range o.Items {
		if i := &o.Items[n]; i.Held && i.Course != nil && *i.Course == int(course) {
			i.Held, fired = false, true
		}
	}
	if !fired {
		refuse("not_allowed")
		return
	}
	k.updateStatus(o)
	d.say(map[string]any{"type": "ack", "request_id": m["request_id"], "order_id": o.ID, "status": o.Status, "version": o.Version})
}

// asks finds the order of a request, and refuses where it has to be refused.
func (k *kitchen) asks(d *display, m map[string]any) (o *order, refuse func(code string)) {
	id, _ := m["order_id"].(string)
	i := slices.IndexFunc(k.orders, func(o *order) bool { return o.ID == id && o.Status != "deleted" })
	refuse = func(code string) {
		answer := map[string]any{"type": "error", "code": code, "message": code, "request_id": m["request_id"], "order_id": id}
		if code == "conflict" {
			answer["status"], answer["version"] = k.orders[i].Status, k.orders[i].Version
		}
		d.say(answer)
	}
	switch {
	case k.silent:
	case i < 0:
		refuse("order_not_found")
	case k.deny[id] != "":
		refuse(k.deny[id])
	case !k.orders[i].open():
		refuse("not_allowed")
	default:
		return k.orders[i], refuse
	}
	return nil, refuse
}

// updateStatus gives an order the status that follows from its lines, and announces it.
func (k *kitchen) updateStatus(o *order) {
	cooked, waiting, begun := 0, 0, false
	for _, i := range o.Items {
		if i.Held {
			continue
		}
		for _, a := range i.Stations {
			cooked++
			begun = begun || a.Status != "pending"
			if a.Status != "ready" {
				waiting++
			}
		}
	}
	switch {
	case o.Status == "ready" && waiting > 0:
		o.Status = "preparing"
	case o.Status != "ready" && cooked > 0 && waiting == 0 && k.readyWhen != "expo":
		o.Status = "ready"
	case o.Status == "pending" && begun:
		o.Status = "preparing"
	}
	o.Version, o.UpdatedAt = o.Version+1, k.now()
	k.send(map[string]any{"type": "order_updated", "order": o})
}

// follow sets the lines to what somebody says of the whole order.
func (k *kitchen) follow(o *order, status string) bool {
	if len(k.stations) == 0 || status == "cancelled" {
		return false
	}
	if status == "completed" {
		status = "ready"
	}
	changed := false
	for n := range o.Items {
		i := &o.Items[n]
		if i.Held {
			continue
		}
		i.Stations = slices.Clone(i.Stations)
		for s := range i.Stations {
			changed = changed || i.Stations[s].Status != status
			i.Stations[s] = at{ID: i.Stations[s].ID, Status: status}
		}
	}
	return changed
}

// waiting is who still cooks for an order.
func (k *kitchen) waiting(o *order) (all []map[string]any) {
	for _, s := range append(slices.Clone(k.stations), station{}) {
		lines := 0
		for _, i := range o.Items {
			for _, a := range i.Stations {
				if !i.Held && a.Status != "ready" && deref(a.ID) == s.ID {
					lines++
				}
			}
		}
		if lines == 0 {
			continue
		}
		w := map[string]any{"station": nil, "name": s.Name, "lines": lines}
		if s.ID != "" {
			w["station"] = s.ID
		}
		all = append(all, w)
	}
	return all
}

// lineStatus is the status of a line at its first station.
func (k *kitchen) lineStatus(o *order, line int) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return o.Items[line].Stations[0].Status
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
