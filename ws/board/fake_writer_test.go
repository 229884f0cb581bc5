package board_test

// add puts an order into the kitchen and announces it.
func (k *kitchen) add(o order) *order {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.put(&o)
	k.send(map[string]any{"type": "order_created", "order": &o})
	return &o
}

// addAll puts orders into the kitchen and sends the queue anew, as a node does where many changed at once.
func (k *kitchen) addAll(orders ...order) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range orders {
		k.put(&o)
	}
	k.send(k.snapshot())
}

// put completes an order and keeps it.
func (k *kitchen) put(o *order) {
	if o.ID == "" {
		o.ID = newID()
	}
	if o.Number == 0 {
		o.Number = len(k.orders) + 1
	}
	if o.Type == "" {
		o.Type = "dine_in"
	}
	if o.Status == "" {
		o.Status = "pending"
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = k.now()
	}
	o.RestaurantID, o.Version, o.UpdatedAt = restaurant, 1, o.CreatedAt
	if o.Items == nil {
		o.Items = []item{line(1, "Margherita")}
	}
	for i := range o.Items {
		if o.Items[i].Stations == nil {
			o.Items[i].Stations = []at{}
		}
	}
	k.orders = append(k.orders, o)
}

// change changes an order and announces it as a whole.
func (k *kitchen) change(o *order, f func(*order)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f(o)
	o.Version++
	o.UpdatedAt = k.now()
	k.send(map[string]any{"type": "order_updated", "order": o})
}

// set sets a status as another writer would.
func (k *kitchen) set(o *order, status string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.setStatus(o, status)
}

func (k *kitchen) remove(o *order) {
	k.mu.Lock()
	defer k.mu.Unlock()
	o.Status = "deleted"
	k.send(map[string]any{"type": "order_deleted", "order_id": o.ID})
}
