package ws

// slots is into how many parts a heartbeat interval is cut. Each slot has its share of the displays, so that they are not
// all written to at once.
const slots = 50

// wheel is every display that has joined, dealt out to the slots of the heartbeat interval. The server's mutex guards it.
type wheel struct {
	slots [slots][]*display
	next  int
}

// add deals displays out in turn, so that a thousand that come back at once do not share a slot.
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
