package ws

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"kitchen/ws/closing"
)

// Drain ends the server: it refuses new displays, closes those it has with 1012, spread evenly over a time so that they do
// not all come back at once, and waits for every goroutine. When ctx ends first, it cuts what is left and says so. A node
// must call it itself, because [net/http.Server.Shutdown] neither closes nor waits for upgraded connections.
func (s *Server) Drain(ctx context.Context, over time.Duration) error {
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return errors.New("ws: draining already")
	}
	s.draining = true
	displays := s.wheel.all(nil)
	s.mu.Unlock()

	rand.Shuffle(len(displays), func(i, j int) { displays[i], displays[j] = displays[j], displays[i] })
	began := time.Now()
	for i, d := range displays {
		if !waitUntil(ctx, began.Add(over*time.Duration(i)/time.Duration(len(displays)))) {
			break
		}
		d.close(closing.Stopping())
	}
	s.stopRunning()

	ended := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		s.stop()
		return nil
	case <-ctx.Done():
	}

	s.stop() // queries of the store end
	s.mu.Lock()
	displays = s.wheel.all(displays[:0])
	s.mu.Unlock()
	for _, d := range displays {
		d.socket.Cut()
	}
	grace := time.NewTimer(s.times.Close)
	defer grace.Stop()
	select {
	case <-ended:
		return fmt.Errorf("ws: drain: %w: %d displays were cut", ctx.Err(), len(displays))
	case <-grace.C:
		return fmt.Errorf("ws: drain: %w: %d displays do not end", ctx.Err(), s.Displays())
	}
}

// waitUntil waits, and reports whether the time came before ctx ended.
func waitUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
