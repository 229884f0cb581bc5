package ws

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// expiryEvery is how often all displays are looked through for credentials that have run out.
const expiryEvery = 250 * time.Millisecond

// heartbeat is the message that tells a display how late it is, whether its feed is live, and how many orders its queue
// leaves out, if any.
func heartbeat(now time.Time, live bool, omitted int) []byte {
	doc := append(make([]byte, 0, 96), `{"type":"heartbeat","server_time":"`...)
	doc = now.UTC().AppendFormat(doc, serverTime)
	doc = append(doc, `","live":`...)
	doc = strconv.AppendBool(doc, live)
	if omitted > 0 {
		doc = strconv.AppendInt(append(doc, `,"omitted":`...), int64(omitted), 10)
	}
	return frame(opText, append(doc, '}'))
}

// serverTime is RFC 3339 with milliseconds. Times are in UTC.
const serverTime = "2006-01-02T15:04:05.000Z07:00"

// beat gives each slot of the wheel its turn once a heartbeat interval: one ticker for every heartbeat and every ping.
func (s *Server) beat() {
	ticker := time.NewTicker(max(s.times.Heartbeat/slots, time.Millisecond))
	defer ticker.Stop()
	var list []*display
	var looked time.Duration
	for slot := 0; ; slot = (slot + 1) % slots {
		select {
		case <-s.beating.Done():
			return
		case <-ticker.C:
		}

		s.mu.Lock()
		list = append(list[:0], s.wheel.slots[slot]...)
		if slot == 0 {
			s.joins.forget(time.Now())
			s.forgetGroups(s.elapsed())
		}
		s.mu.Unlock()
		s.turn(list)
		clear(list)

		if now := s.elapsed(); now-looked >= expiryEvery {
			looked = now
			s.expire()
		}
	}
}

// turn sends heartbeats, each encoded once a turn and state of the feed, and whatever else is due.
func (s *Server) turn(list []*display) {
	if len(list) == 0 {
		return
	}
	now, elapsed := s.now(), s.elapsed()
	live, deaf := heartbeat(now, true, 0), heartbeat(now, false, 0)
	for _, d := range list {
		// The group is locked until the heartbeat is queued, so that none that says live follows one that says deaf.
		d.group.mu.Lock()
		message := deaf
		switch {
		case d.group.omitted > 0:
			message = heartbeat(now, d.group.live, d.group.omitted)
		case d.group.live:
			message = live
		}
		idle, asks := d.turn(elapsed, message)
		d.group.mu.Unlock()
		if idle {
			d.flush()
		}
		if asks {
			d.group.refresh()
		}
	}
}

// turn does what is due for one display: a heartbeat, a ping, and the end of a wait for a snapshot that did not come.
func (d *display) turn(now time.Duration, heartbeat []byte) (idle, asks bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress != joining {
		idle = d.replace(outgoing{beat, heartbeat})
	} else if now-d.joined >= d.server.times.Snapshot && !d.closing {
		d.cause = closeUnavailable()
		return d.endWith(d.cause.frame()), false
	}
	if now >= d.nextPing {
		d.nextPing = now + d.server.untilPing()
		if d.replace(outgoing{ping, frame(opPing, nil)}) {
			idle = true
		}
	}
	return idle, d.progress == lost && !d.closing
}

// untilPing spreads pings. One that is due waits for the display's turn, and is sent at the latest after Times.Ping.
func (s *Server) untilPing() time.Duration {
	latest := s.times.Ping - s.times.Heartbeat
	return max(0, latest-rand.N(s.times.Ping/5+1))
}

// expire closes the displays whose credential has run out, or whose key was withdrawn.
func (s *Server) expire() {
	now := s.now().UnixMilli()
	var expired, unproven []*display
	s.mu.Lock()
	for _, slot := range s.wheel.slots {
		for _, d := range slot {
			if d.expires.Load() <= now {
				expired = append(expired, d)
			} else if d.key.Load().gone.Load() {
				unproven = append(unproven, d)
			}
		}
	}
	s.mu.Unlock()
	for _, d := range expired {
		d.close(closeExpired())
	}
	for _, d := range unproven {
		d.close(closeBadToken())
	}
}
