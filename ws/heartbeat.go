package ws

import (
	"math/rand/v2"
	"time"

	"kitchen/ws/closing"
	"kitchen/ws/protocol"
)

// expiryEvery is how often all displays are looked through for expired tokens.
const expiryEvery = 250 * time.Millisecond

// heartbeat is the frame of a heartbeat.
func heartbeat(now time.Time, live bool, omitted int) []byte {
	return protocol.Frame(protocol.Text, protocol.Heartbeat(now, live, omitted))
}

// sendHeartbeats serves each slot of the wheel once in a heartbeat interval. Its one ticker drives all heartbeats and pings.
func (s *Server) sendHeartbeats() {
	ticker := time.NewTicker(max(s.times.Heartbeat/slots, time.Millisecond))
	defer ticker.Stop()
	var list []*display
	var looked time.Duration
	for slot := 0; ; slot = (slot + 1) % slots {
		select {
		case <-s.running.Done():
			return
		case <-ticker.C:
		}

		s.mu.Lock()
		list = append(list[:0], s.wheel.slots[slot]...)
		if slot == 0 {
			s.joins.Forget(time.Now())
			s.forgetGroups(s.elapsed())
		}
		s.mu.Unlock()
		s.serveSlot(list)
		clear(list)

		if now := s.elapsed(); now-looked >= expiryEvery {
			looked = now
			s.expire()
		}
	}
}

// serveSlot sends heartbeats and whatever else is due to the displays of one slot, which share the encoded heartbeats.
func (s *Server) serveSlot(list []*display) {
	if len(list) == 0 {
		return
	}
	now, elapsed := s.now(), s.elapsed()
	live, deaf := heartbeat(now, true, 0), heartbeat(now, false, 0)
	for _, d := range list {
		// The group stays locked until the heartbeat is queued. Otherwise Deliver could queue a newer one before it, and the display
		// would believe the older.
		d.group.mu.Lock()
		message := deaf
		switch {
		case d.group.omitted > 0:
			message = heartbeat(now, d.group.live, d.group.omitted)
		case d.group.live:
			message = live
		}
		idle, asks := d.pushDue(elapsed, message)
		d.group.mu.Unlock()
		if idle {
			d.flush()
		}
		if asks {
			d.group.refresh()
		}
	}
}

// pushDue queues a heartbeat and, when it is due, a ping for one display, and closes a display that waited too long for its first
// snapshot. asks reports that the display needs a new snapshot.
func (d *display) pushDue(now time.Duration, heartbeat []byte) (idle, asks bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress != joining {
		idle = d.replace(outgoing{heartbeatMessage, heartbeat})
	} else if now-d.joined >= d.server.times.Snapshot && !d.closing {
		d.cause = closing.Unavailable()
		return d.queueCloseFrame(protocol.CloseFrame(d.cause)), false
	}
	if now >= d.nextPing {
		d.nextPing = now + d.server.untilPing()
		if d.replace(outgoing{ping, protocol.Frame(protocol.Ping, nil)}) {
			idle = true
		}
	}
	return idle, d.progress == stale && !d.closing
}

// untilPing returns a random time until the next ping, so that pings are spread. A due ping is sent in the display's next turn,
// which is why one heartbeat interval is subtracted: the ping is then sent within Times.Ping.
func (s *Server) untilPing() time.Duration {
	latest := s.times.Ping - s.times.Heartbeat
	return max(0, latest-rand.N(s.times.Ping/5+1))
}

// expire closes the displays whose token has expired or whose key was withdrawn.
func (s *Server) expire() {
	now := s.now().UnixMilli()
	var expired, unproven []*display
	s.mu.Lock()
	for _, slot := range s.wheel.slots {
		for _, d := range slot {
			if d.expires.Load() <= now {
				expired = append(expired, d)
			} else if d.key.Load().Withdrawn() {
				unproven = append(unproven, d)
			}
		}
	}
	s.mu.Unlock()
	for _, d := range expired {
		d.close(closing.Expired())
	}
	for _, d := range unproven {
		d.close(closing.BadToken())
	}
}
