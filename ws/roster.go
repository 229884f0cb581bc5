package ws

// beats is into how many parts a heartbeat interval is cut; each part tells its share of the displays, so that they are
// not all written to at once.
const beats = 50

// roster is every display that has joined, dealt out to the parts of the heartbeat interval. It is guarded by the server's mutex.
type roster struct {
	parts [beats][]*display
	next  int
}

// add deals displays out in turn, so that a thousand that come back at once do not share a part.
func (r *roster) add(d *display) {
	d.part = r.next
	d.place = len(r.parts[d.part])
	r.parts[d.part] = append(r.parts[d.part], d)
	r.next = (r.next + 1) % beats
}

func (r *roster) remove(d *display) {
	part := r.parts[d.part]
	last := part[len(part)-1]
	part[d.place], last.place = last, d.place
	part[len(part)-1] = nil
	r.parts[d.part] = part[:len(part)-1]
}

// all appends every display to list.
func (r *roster) all(list []*display) []*display {
	for _, part := range r.parts {
		list = append(list, part...)
	}
	return list
}
