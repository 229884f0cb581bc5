package ws

// slots is the number of parts of a heartbeat interval. The displays are divided among them, so that they are not all written to
// at once.
const slots = 50

// wheel holds all displays that have joined, divided among the slots of the heartbeat interval. server.mu guards it.
type wheel struct {
	slots [slots][]*display
	next  int
}

// add uses the slots in turn, so that a thousand displays that join at once do not share one.
func (w *wheel) add(d *display) {
	d.slot = w.next
	d.indexInSlot = len(w.slots[d.slot])
	w.slots[d.slot] = append(w.slots[d.slot], d)
	w.next = (w.next + 1) % slots
}

func (w *wheel) remove(d *display) {
	slot := w.slots[d.slot]
	last := slot[len(slot)-1]
	slot[d.indexInSlot], last.indexInSlot = last, d.indexInSlot
	slot[len(slot)-1] = nil
	w.slots[d.slot] = slot[:len(slot)-1]
}

// all appends every display to list.
func (w *wheel) all(list []*display) []*display {
	for _, slot := range w.slots {
		list = append(list, slot...)
	}
	return list
}
