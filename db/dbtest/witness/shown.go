package witness

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

// IsLive is what the display was told last.
func (d *Display) IsLive() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.live }

// Connected reports whether the display has had a snapshot since it joined.
func (d *Display) Connected() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.connected }

// Heard is how many snapshots and events came so far.
func (d *Display) Heard() (snapshots, events int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.snapshots, d.events
}

// Wrong is what the display saw and should not have seen.
func (d *Display) Wrong() []string {
	d.Settle()
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.wrong...)
}

// Until waits until as holds, which is asked after every message, or returns false after a time.
func (d *Display) Until(patience time.Duration, as func() bool) bool {
	timer := time.NewTimer(patience)
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

// differs says how what is shown differs from a queue, for a person who looks for the reason.
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
			example = id + " does not stand in the database's queue any more"
		}
	}
	return fmt.Sprintf("%s (live %t, connected %t): of %d orders %d are missing, %d are other, %d are too many: %s",
		d.Name, d.live, d.connected, len(queue), lost, old, ghost, example)
}
