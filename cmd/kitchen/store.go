package main

import (
	"context"
	"encoding/json"
	"errors"

	"kitchen/db"
	"kitchen/ws"
)

// store gives displays what they read and write besides their feed, in the words of ws.
type store struct {
	db *db.DB
}

// Users finds active users alone: to a display, an inactive one does not exist.
func (s store) Users(ctx context.Context, ids []ws.UserID) ([]ws.User, error) {
	asked := make([]db.UserID, len(ids))
	for i, id := range ids {
		asked[i] = db.UserID(id)
	}
	users, err := s.db.Users(ctx, asked)
	if err != nil {
		return nil, err
	}
	active := make([]ws.User, 0, len(users))
	for _, u := range users {
		if u.Active {
			active = append(active, ws.User{ID: ws.UserID(u.ID), Restaurant: ws.RestaurantID(u.Restaurant), Name: u.Name, Role: u.Role})
		}
	}
	return active, nil
}

func (s store) UpdateStatus(ctx context.Context, u ws.StatusUpdate) (ws.StatusResult, error) {
	done, err := s.db.UpdateStatus(ctx, db.StatusUpdate{
		Restaurant: db.RestaurantID(u.Restaurant), Order: db.OrderID(u.Order), Status: db.Status(u.Status), Version: u.Version,
	})
	if err != nil {
		return ws.StatusResult{}, inWords(err)
	}
	return ws.StatusResult{Status: string(done.Status), Version: done.Version}, nil
}

func (s store) Recent(ctx context.Context, restaurant ws.RestaurantID) ([]json.RawMessage, error) {
	orders, err := s.db.Recent(ctx, db.RestaurantID(restaurant))
	if err != nil {
		return nil, err
	}
	documents := make([]json.RawMessage, len(orders))
	for i := range orders {
		documents[i] = orders[i].AppendJSON(nil)
	}
	return documents, nil
}

// inWords says in the words of ws what db's errors say.
func inWords(err error) error {
	var conflict *db.ConflictError
	switch {
	case errors.Is(err, db.ErrNotFound):
		return ws.ErrNotFound
	case errors.Is(err, db.ErrNotAllowed):
		return ws.ErrNotAllowed
	case errors.As(err, &conflict):
		return &ws.ConflictError{
			StatusResult: ws.StatusResult{Status: string(conflict.Status), Version: conflict.Version},
		}
	}
	return err
}
