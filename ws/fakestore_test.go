package ws

import (
	"context"
	"errors"
	"sync"

	"kitchen/db/order"
)

// fakeStore answers from maps, or with what a test puts in the place of a method.
type fakeStore struct {
	mu        sync.Mutex
	users     map[order.UserID]order.User
	more      []order.User // further restaurants of users
	devices   map[order.DeviceID]order.Device
	seen      [][]order.DeviceID // each call of SeenDevices
	questions int                // calls of Users
	user      func(ctx context.Context, id order.UserID) (order.User, error)
	update    func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error)
	lines     func(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error)
	fire      func(ctx context.Context, r order.RestaurantID, id order.OrderID, course int32) (order.StatusResult, error)
	recent    func(ctx context.Context, r order.RestaurantID) ([]order.Order, error)
	sightings func(ctx context.Context, seen []order.Sighting) error
}

func (s *fakeStore) NoteSightings(ctx context.Context, seen []order.Sighting) error {
	s.mu.Lock()
	note := s.sightings
	s.mu.Unlock()
	if note == nil {
		return nil
	}
	return note(ctx, seen)
}

func newFakeStore() *fakeStore {
	return &fakeStore{devices: map[order.DeviceID]order.Device{}, users: map[order.UserID]order.User{
		cook:   {ID: cook, Restaurant: bistro, Name: "Ada", Role: "kitchen", Active: true},
		viewer: {ID: viewer, Restaurant: bistro, Name: "Vic", Role: "viewer", Active: true},
		rival:  {ID: rival, Restaurant: diner, Name: "Rob", Role: "owner", Active: true},
		screen: {ID: screen, Restaurant: bistro, Name: "Door", Role: "screen", Active: true},
		roamer: {ID: roamer, Restaurant: diner, Name: "Rae", Role: "viewer", Active: true},
	}, more: []order.User{{ID: roamer, Restaurant: bistro, Name: "Rae", Role: "kitchen", Active: true}}}
}

func (s *fakeStore) set(change func(s *fakeStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *fakeStore) Users(ctx context.Context, ids []order.UserID) (found []order.User, err error) {
	s.mu.Lock()
	ask := s.user
	s.questions++
	for _, id := range ids {
		if user, ok := s.users[id]; ok && ask == nil {
			found = append(found, user)
			for _, u := range s.more {
				if u.ID == id {
					found = append(found, u)
				}
			}
		}
	}
	s.mu.Unlock()
	if ask == nil {
		return found, nil
	}
	for _, id := range ids {
		user, err := ask(ctx, id)
		if err == nil {
			found = append(found, user)
		} else if !errors.Is(err, order.ErrNotFound) {
			return nil, err
		}
	}
	return found, nil
}

func (s *fakeStore) Devices(_ context.Context, ids []order.DeviceID) (found []order.Device, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if d, ok := s.devices[id]; ok {
			found = append(found, d)
		}
	}
	return found, nil
}

func (s *fakeStore) SeenDevices(_ context.Context, ids []order.DeviceID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, ids)
	return nil
}

func (s *fakeStore) UpdateStatus(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
	s.mu.Lock()
	update := s.update
	s.mu.Unlock()
	if update != nil {
		return update(ctx, u)
	}
	return order.StatusResult{Status: u.Status, Version: 2}, nil
}

func (s *fakeStore) UpdateLines(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error) {
	s.mu.Lock()
	lines := s.lines
	s.mu.Unlock()
	if lines != nil {
		return lines(ctx, u)
	}
	return order.StatusResult{Status: order.Preparing, Version: 2}, nil
}

func (s *fakeStore) Fire(ctx context.Context, r order.RestaurantID, id order.OrderID, course int32) (order.StatusResult, error) {
	s.mu.Lock()
	fire := s.fire
	s.mu.Unlock()
	if fire != nil {
		return fire(ctx, r, id, course)
	}
	return order.StatusResult{Status: order.Preparing, Version: 2}, nil
}

func (s *fakeStore) Recent(ctx context.Context, r order.RestaurantID) ([]order.Order, error) {
	s.mu.Lock()
	recent := s.recent
	s.mu.Unlock()
	if recent != nil {
		return recent(ctx, r)
	}
	return nil, nil
}
