package faulttest

import (
	"fmt"
	"maps"
	"time"
)

// Shows reports whether the display shows this queue, and is live.
func (d *Display) Shows(queue map[string]Shown) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.live && d.connected && maps.Equal(d.queue, queue)
}

// Versions is what the display shows: the version of each order.
func (d *Display) Versions() map[string]int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	versions := make(map[string]int64, len(d.queue))
	for id, o := range d.queue {
		versions[id] = o.Version
	}
	return versions
}

// IsLive reports whether the display is live.
func (d *Display) IsLive() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.live }

// Connected reports whether the display has processed a snapshot since it connected.
func (d *Display) Connected() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.connected }

// Received returns how many snapshots and events came so far.
func (d *Display) Received() (snapshots, events int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.snapshots, d.events
}

// Wrong lists what the display received and should never have.
func (d *Display) Wrong() []string {
	d.Flush()
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.wrong...)
}

// Until calls as after every message, and returns true when as does, or false after the timeout.
func (d *Display) Until(timeout time.Duration, as func() bool) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		d.mu.Lock()
		changed := d.changed
		d.mu.Unlock()
		if as() {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return as()
		}
	}
}

// differs describes for people how the display differs from a queue.
func (d *Display) differs(queue map[string]Shown) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lost, ghost, old := 0, 0, 0
	example := ""
	for id, is := range queue {
		shown, ok := d.queue[id]
		switch {
		case !ok:
			lost++
			example = fmt.Sprintf("%s is missing, version %d", id, is.Version)
		case shown != is:
			old++
			example = fmt.Sprintf("%s is %d %s %s, not %d %s %s", id, shown.Version, shown.Status, shown.Doc, is.Version, is.Status, is.Doc)
		}
	}
	for id := range d.queue {
		if _, ok := queue[id]; !ok {
			ghost++
			example = id + " is not in the database's queue"
		}
	}
	return fmt.Sprintf("%s (live %t, connected %t): of %d orders %d are missing, %d are other, %d are too many: %s",
		d.Name, d.live, d.connected, len(queue), lost, old, ghost, example)
}
