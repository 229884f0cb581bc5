package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kitchen/cmd/kitchen/bench"
)

// benchDefinitions are the settings that only bench has.
func benchDefinitions() []definition {
	const own = "the scenario's own"
	return []definition{
		{flag: "scenario", unit: "NAME,…", byDefault: "all of them, one after the other",
			about: "What to measure: " + strings.Join(bench.Scenarios(), ", ") + ".",
			set:   setScenarios},
		{flag: "displays", unit: "NUMBER", byDefault: own, about: "How many displays, at most 60000.",
			set: setNumber(60_000, func(s *settings) *int { return &s.sockets })},
		{flag: "restaurants", unit: "NUMBER", byDefault: own, about: "How many restaurants share them.",
			set: setNumber(60_000, func(s *settings) *int { return &s.restaurants })},
		{flag: "writers", unit: "NUMBER", byDefault: own, about: "How many connections write orders.",
			set: setNumber(1000, func(s *settings) *int { return &s.writers })},
		{flag: "duration", unit: "DURATION", byDefault: "10s; 3s for each part of import", about: "How long orders are written.",
			set: setDuration},
		{flag: "yes", about: "Measure with the database of DATABASE_URL, whatever else it is for.",
			set: func(s *settings, v string) (err error) { s.yes, err = strconv.ParseBool(v); return err }},
		{flag: "floor", unit: "PREFIX", set: func(s *settings, v string) error { s.floor = v; return nil }},
	}
}

func setScenarios(s *settings, v string) error {
	s.scenarios = nil
	for name := range strings.SplitSeq(v, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(bench.Scenarios(), name) {
			return fmt.Errorf("%q is not one of %s", name, strings.Join(bench.Scenarios(), ", "))
		}
		s.scenarios = append(s.scenarios, name)
	}
	return nil
}

func setNumber(most int, field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%q is not a whole number from 1 to %d", v, most)
		}
		*field(s) = n
		return nil
	}
}
