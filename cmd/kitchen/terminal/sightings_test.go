package terminal

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestScreenSaysWhatItHasShownAndWhatWasTouched(t *testing.T) {
	t.Parallel()
	s := newStage(t, 100, 8)
	said := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(s.said, want) {
			t.Errorf("%s: said %q, want %q", what, s.said, want)
		}
		s.said = nil
	}
	var orders []Ticket
	for i := range int64(20) {
		orders = append(orders, s.order(i+1, 0))
	}
	s.queueOf(orders...)
	shown := strings.Count(s.text(), "Calzone")
	if shown < 2 || shown > 10 {
		t.Fatalf("%d orders are on the screen:\n%s", shown, s.text())
	}
	var want []string
	for i := range shown {
		want = append(want, fmt.Sprintf("painted o%d 1", i+1))
	}
	said("at first", want...)

	changed := orders[1]
	changed.Version = 3
	s.receive(Message{Type: "order_updated", Order: &changed})
	said("a change", "painted o2 3")

	_, cmd := s.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	s.follow(cmd)
	said("a key", "touched o1 1")
	_, cmd = s.Update(tea.KeyPressMsg{Code: tea.KeyEnd})
	s.follow(cmd)
	if len(s.said) < 3 || s.said[0] != "touched o2 3" || !slices.Contains(s.said, "painted o20 1") {
		t.Errorf("at the end of the table: said %q", s.said)
	}
	s.said = nil
	s.receive(Message{Type: "heartbeat", Live: true})
	said("nothing new")

	s.Update(lostMsg{s.clock, "gone"})
	s.queueOf(orders...)
	if !slices.Contains(s.said, "painted o20 1") {
		t.Errorf("after a reconnect: said %q", s.said)
	}
}

func TestScreenAndTranscriptSayWhatNobodyHasSeen(t *testing.T) {
	t.Parallel()
	number := int64(57)
	m := Message{Type: "alarm", alarm: alarm{Reason: "no_display", Count: 3, Number: &number, Age: 40}}
	const want = "ALARM #57 and 2 more: on no screen for 40 s"
	s := newStage(t, 100, 20)
	s.queueOf()
	s.receive(m)
	if !strings.Contains(s.text(), want) {
		t.Errorf("not on\n%s", s.text())
	}
	s.clock = s.clock.Add(alarmFor)
	if strings.Contains(s.text(), want) {
		t.Error("it is there for ever")
	}
	var out strings.Builder
	tr := NewTranscript(&out)
	tr.Write(m)
	tr.Write(Message{Type: "initial_queue", Live: true, Alarms: []alarm{{Reason: "asleep"}}})
	tr.Write(Message{Type: "alarm_over", alarm: alarm{Reason: "no_display"}})
	for _, want := range []string{want, "ALARM an order: asleep for 0 s", "the alarm is over: on no screen"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s", want, out.String())
		}
	}
}
