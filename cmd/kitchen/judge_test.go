package main

import (
	"strings"
	"testing"

	"kitchen/db"
)

// "The kitchen never got it": each reason has its sentence.
func TestTraceJudges(t *testing.T) {
	stands := &inDatabase{Version: 3, Status: db.Ready}
	for name, c := range map[string]struct {
		trail   trail
		want    string
		arrived bool
	}{
		"database away": {trail{Trouble: "no answer"}, "not known: no answer", false},
		"never there":   {trail{}, "no such order", false},
		"deleted, told": {trail{Changes: []change{{Event: "order_deleted", Reached: 2}}}, "was deleted, and that was sent to 2 displays", true},
		"deleted, late": {trail{Changes: []change{{Event: "order_created", Reached: 2}}}, "not been sent yet", false},
		"elsewhere":     {trail{Database: stands}, "ask the others", false},
		"deaf":          {trail{Database: stands, Watched: true, Changes: []change{{Version: 2}}}, "not live", false},
		"late":          {trail{Database: stands, Watched: true, Live: true, Changes: []change{{Version: 2}}}, "version 3 was not sent yet, version 2 was", false},
		"nobody there":  {trail{Database: stands, Watched: true, Changes: []change{{Version: 3}}}, "while no display was there", true},
		"behind":        {trail{Database: stands, Watched: true, Changes: []change{{Version: 3, Behind: 1}}}, "1 display of the restaurant fell behind", false},
		"arrived":       {trail{Database: stands, Watched: true, Changes: []change{{Version: 3, Reached: 1}}}, "sent to 1 display", true},
	} {
		if verdict, arrived := c.trail.judge(); !strings.Contains(verdict, c.want) || arrived != c.arrived {
			t.Errorf("%s: %q, %v", name, verdict, arrived)
		}
	}
}
