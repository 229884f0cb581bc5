package main

import (
	"fmt"
	"strconv"
	"time"

	"kitchen/cmd/kitchen/node"
)

// limitDefinitions are the settings that limit what clients may use of a node.
func limitDefinitions() []definition {
	const most = 1_000_000
	return []definition{
		whole("max-displays", "DISPLAYS", "10000", 1, most, func(s *settings) *int { return &s.limits.Displays.Displays },
			"How many displays this node takes. More are answered 503, before the upgrade."),
		whole("max-displays-per-restaurant", "DISPLAYS", "half of --max-displays", 1, most,
			func(s *settings) *int { return &s.limits.Displays.DisplaysPerRestaurant },
			"How many displays of one restaurant this node takes, so that none can fill it. More are closed with 4029."),
		whole("max-displays-per-user", "DISPLAYS", "as many as of the restaurant, whose displays may share a user", 1, most,
			func(s *settings) *int { return &s.limits.Displays.DisplaysPerUser },
			"How many displays of one user this node takes. More are closed with 4029."),
		perSecond("join-rate", "DISPLAYS", "2000", func(s *settings) *float64 { return &s.limits.Displays.Joins },
			"How many displays a second may join for long; at first as many as there is room for. More are closed with 1013."),
		perSecond("join-rate-per-restaurant", "DISPLAYS", "a quarter of --join-rate",
			func(s *settings) *float64 { return &s.limits.Displays.JoinsPerRestaurant },
			"The same of one restaurant, whose displays may not keep the others out. More are closed with 4029."),
		perSecond("message-rate", "MESSAGES", "20", func(s *settings) *float64 { return &s.limits.Displays.MessageRate },
			"How many messages a second a display may send for long. More are answered rate_limited, a flood with 4029."),
		whole("message-burst", "MESSAGES", "100", 1, most, func(s *settings) *int { return &s.limits.Displays.MessageBurst },
			"How many messages of a display may come at once."),
		whole("max-message-bytes", "BYTES", "16384", 1024, 1<<20, func(s *settings) *int { return &s.limits.Displays.MessageBytes },
			"How long a message of a display may be. A longer one is closed with 1009."),
		whole("max-queue-events", "EVENTS", "64", 1, most, func(s *settings) *int { return &s.limits.Displays.QueueMessages },
			"How many events may wait for a display that does not read. Beyond them it gets a fresh queue instead."),
		whole("max-queue-bytes", "BYTES", "262144", 1024, 1<<30, func(s *settings) *int { return &s.limits.Displays.QueueBytes },
			"How many bytes of events, and of answers, may wait for a display that does not read."),
		whole("max-header-bytes", "BYTES", strconv.Itoa(node.DefaultHeaderBytes), 8<<10, 1<<20, func(s *settings) *int { return &s.limits.HeaderBytes },
			"How long the header of a request may be, its URL included. A longer one is answered 431."),
		whole("max-connections", "CONNECTIONS", "1024 more than --max-displays, and no more than the process may open files for", 16, most,
			func(s *settings) *int { return &s.limits.Connections },
			"How many connections this node takes, displays and all others. Beyond it the oldest that is no display is cut."),
		within("header-timeout", "5s", 100*time.Millisecond, time.Minute, func(s *settings) *time.Duration { return &s.limits.HeaderTime },
			"How long the header of a request may take to arrive."),
		within("upgrade-timeout", "5s", 100*time.Millisecond, time.Minute, func(s *settings) *time.Duration { return &s.limits.Times.Handshake },
			"How long the answer to a display's upgrade may take to be written."),
		within("write-timeout", "10s", 100*time.Millisecond, 10*time.Minute, func(s *settings) *time.Duration { return &s.limits.Times.Write },
			"How long a display may take no byte while something waits for it. Then it is closed with 4008."),
		readTimeoutDefinition(),
		within("message-timeout", "10s", 100*time.Millisecond, 10*time.Minute, func(s *settings) *time.Duration { return &s.limits.Times.Message },
			"How long a message of a display may take to arrive, once it has begun. Then it is closed with 4008."),
		within("user-check", "30s", 100*time.Millisecond, time.Hour, func(s *settings) *time.Duration { return &s.limits.Times.Recheck },
			"How often the users of displays are looked up again. Changes take effect at once; this is for one that was missed."),
	}
}

// readTimeoutDefinition sets two times at once: the interval of pings, and how long a display may take to answer one.
func readTimeoutDefinition() definition {
	var silent time.Duration
	d := within("read-timeout", "35s", 7*time.Second, 10*time.Minute, func(*settings) *time.Duration { return &silent },
		"How long a display may say nothing, not even answer a ping. Then it is closed with 4008.")
	set := d.set
	d.set = func(s *settings, v string) error {
		if err := set(s, v); err != nil {
			return err
		}
		// A ping goes out with a heartbeat, every 5 s, and at least 2 s are left to answer it.
		s.limits.Times.Ping = max(silent*5/7, 5*time.Second)
		s.limits.Times.Pong = silent - s.limits.Times.Ping
		return nil
	}
	return d
}

// checkLimits reports limits that contradict each other.
func checkLimits(s *settings) (problems []string) {
	token, header := s.keyring.MaxToken, s.limits.HeaderBytes
	if token == 0 {
		token = node.DefaultTokenBytes
	}
	if header == 0 {
		header = node.DefaultHeaderBytes
	}
	if token+2048 > header {
		problems = append(problems, fmt.Sprintf(
			"a token of %d bytes does not fit into a header of %d: set KITCHEN_MAX_HEADER_BYTES to %d or more", token, header, token+2048))
	}
	return problems
}
