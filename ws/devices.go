package ws

import (
	"context"
	"time"

	"kitchen/db/order"
)

// noteEvery is how often new devices are looked for: last_seen_at of a device that connects is written that soon.
const noteEvery = time.Second

// noteDevices writes last_seen_at of connected devices, once every Times.Seen for each device, and for all of them in one query.
func (s *Server) noteDevices() {
	ticker := time.NewTicker(min(noteEvery, s.times.Seen))
	defer ticker.Stop()
	noted := map[order.DeviceID]time.Duration{} // when, since the server started
	failed := false
	for {
		select {
		case <-s.running.Done():
			return
		case <-ticker.C:
		}
		due := s.devicesToNote(noted)
		if len(due) == 0 {
			continue
		}
		err := s.askSeen(due)
		if err != nil && s.running.Err() == nil && !failed { // logged once, until it succeeds
			s.log.Warn("it cannot be written down that screens are in use, trying again", "err", err)
		}
		if failed = err != nil; !failed {
			for _, id := range due {
				noted[id] = s.elapsed()
			}
		}
	}
}

// devicesToNote returns the connected devices whose last_seen_at is older than Times.Seen, and forgets devices that have left.
func (s *Server) devicesToNote(noted map[order.DeviceID]time.Duration) (due []order.DeviceID) {
	now := s.elapsed()
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range s.perHolder {
		if at, known := noted[h.device]; h.device != "" && (!known || now-at >= s.times.Seen) {
			due = append(due, h.device)
		}
	}
	for id := range noted {
		if s.perHolder[holder{device: id}] == 0 {
			delete(noted, id)
		}
	}
	return due
}

func (s *Server) askSeen(devices []order.DeviceID) error {
	ctx, cancel := context.WithTimeout(s.running, s.times.Store)
	defer cancel()
	return s.store.SeenDevices(ctx, devices)
}
