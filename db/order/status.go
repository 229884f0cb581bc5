package order

// Status says how far the kitchen is with an order.
type Status string

// The statuses of an order. The first three are open: they make up a kitchen's queue.
const (
	Pending   Status = "pending"
	Preparing Status = "preparing"
	Ready     Status = "ready"
	Completed Status = "completed"
	Cancelled Status = "cancelled"
)

// Steps are the statuses through which a kitchen takes an order, the first one first.
func Steps() []Status { return []Status{Pending, Preparing, Ready, Completed} }

// Known reports whether s is one of the five statuses.
func (s Status) Known() bool {
	switch s {
	case Pending, Preparing, Ready, Completed, Cancelled:
		return true
	}
	return false
}

// Open reports whether an order of this status belongs to a kitchen's queue.
func (s Status) Open() bool { return s == Pending || s == Preparing || s == Ready }

// Allowed reports whether a kitchen may move an order between two different statuses: forward, skipping steps or not; one
// step back, to undo; and back into the queue from completed while the order is recallable, which it is within the
// restaurant's recall window. A kitchen neither cancels an order nor brings a cancelled one back.
func Allowed(from, to Status, recallable bool) bool {
	if !from.Known() || !to.Known() || from == Cancelled || to == Cancelled {
		return false
	}
	if from == Completed {
		return recallable
	}
	return to.step() > from.step() || to.step() == from.step()-1
}

func (s Status) step() int {
	for i, step := range Steps() {
		if s == step {
			return i
		}
	}
	return -1
}
