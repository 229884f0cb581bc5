package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// definition describes a setting: its names, its meaning, and how its value is read.
type definition struct {
	flag      string
	env       string
	unit      string                                             // stands for the value on the usage line; empty for a switch
	byDefault string                                             // in words; empty where the value says it
	value     string                                             // the default that is set
	about     string                                             // empty: accepted, but not listed in the help
	secret    bool                                               // its value is never printed
	offers    []string                                           // values for a shell to complete, where the unit does not list them
	derive    func(env map[string]string) (source, value string) // the default that follows from other settings; empty: none follows
	set       func(s *settings, value string) error
}

// plain is a setting of text that is not checked.
func plain(flag, unit, byDefault string, at func(*settings) *string, about string) definition {
	return definition{flag: flag, env: envName(flag), unit: unit, byDefault: byDefault, about: about,
		set: func(s *settings, v string) error {
			*at(s) = v
			return nil
		}}
}

// toggle is a switch: on where the flag is given.
func toggle(flag, about string, at func(*settings) *bool) definition {
	return definition{flag: flag, about: about, set: func(s *settings, v string) (err error) {
		*at(s), err = readSwitch(v)
		return err
	}}
}

func readSwitch(v string) (bool, error) {
	on, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("%.40q is neither true nor false", v)
	}
	return on, nil
}

// choice is a flag with one of a few values.
func choice(flag, value, about string, at func(*settings) *string, values ...string) definition {
	return definition{flag: flag, unit: strings.Join(values, "|"), value: value, about: about, set: func(s *settings, v string) error {
		if !slices.Contains(values, v) {
			return fmt.Errorf("%.40q is not one of %s", v, strings.Join(values, ", "))
		}
		*at(s) = v
		return nil
	}}
}

// envName derives the environment variable from the name of a flag.
func envName(flag string) string {
	return "KITCHEN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func whole(flag, unit, byDefault string, least, most int, at func(*settings) *int, about string) definition {
	return definition{flag: flag, env: envName(flag), unit: unit, byDefault: byDefault, about: about,
		set: func(s *settings, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < least || n > most {
				return fmt.Errorf("%.40q is not a whole number from %d to %d", v, least, most)
			}
			*at(s) = n
			return nil
		}}
}

func perSecond(flag, unit, byDefault string, at func(*settings) *float64, about string) definition {
	const most = 1_000_000
	return definition{flag: flag, env: envName(flag), unit: unit, byDefault: byDefault, about: about,
		set: func(s *settings, v string) error {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil || !(n > 0 && n <= most) { // not NaN either
				return fmt.Errorf("%.40q is not a number a second, more than 0 and at most %d", v, most)
			}
			*at(s) = n
			return nil
		}}
}

func within(flag, byDefault string, least, most time.Duration, at func(*settings) *time.Duration, about string) definition {
	return definition{flag: flag, env: envName(flag), unit: "DURATION", byDefault: byDefault, about: about,
		set: func(s *settings, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d < least || d > most {
				return fmt.Errorf("%.40q is not a duration from %v to %v, like 500ms or 10s", v, least, most)
			}
			*at(s) = d
			return nil
		}}
}
