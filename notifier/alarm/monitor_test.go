package alarm

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kitchen/db/order"
)

// A look comes once a second, or so seldom that looking takes less than 1 % of the time, but at least every 5 s; where looks take very
// long, nine tenths of the time are left to others. It comes at the time that it wrote for the other nodes.
func TestLookingCostsLittleAndComesInTime(t *testing.T) {
	for _, c := range []struct{ took, every time.Duration }{
		{time.Millisecond, time.Second}, {40 * time.Millisecond, 4 * time.Second}, {300 * time.Millisecond, 5 * time.Second}, {3 * time.Second, 27 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Time
			var announced []time.Duration
			m := New(func(_ context.Context, _ string, pause time.Duration) (bool, []order.Alarm, error) {
				at, announced = append(at, time.Now()), append(announced, pause)
				time.Sleep(c.took)
				return true, nil, nil
			}, "n", slog.New(slog.DiscardHandler), func(order.Alarm) {}, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			began := time.Now()
			m.Run(ctx)
			if at[0] != began {
				t.Errorf("the first look came after %s", at[0].Sub(began))
			}
			for i := 3; i < len(at); i++ {
				if between := at[i].Sub(at[i-1]); between != announced[i-1]+c.took || announced[i-1] != c.every {
					t.Errorf("look %d after %s, announced %s, want %s", i, between, announced[i-1], c.every)
				}
			}
			if len(at) < 5 {
				t.Errorf("only %d looks", len(at))
			}
		})
	}
}

// A look that once takes long, because the machine is busy, makes the others no rarer.
func TestOneSlowLookChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		m := New(func(context.Context, string, time.Duration) (bool, []order.Alarm, error) {
			if looks++; looks%3 == 0 {
				time.Sleep(200 * time.Millisecond)
			}
			return true, nil, nil
		}, "n", slog.New(slog.DiscardHandler), func(order.Alarm) {}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		m.Run(ctx)
		if looks < 50 {
			t.Errorf("%d looks in a minute", looks)
		}
	})
}

// Alarms are passed on by the node that looks; a database that is away is said once.
func TestAlarmsArePassedOnByTheNodeThatLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var raised []string
		var log bytes.Buffer
		looks := 0
		m := New(func(context.Context, string, time.Duration) (bool, []order.Alarm, error) {
			switch looks++; looks {
			case 1:
				return false, nil, nil
			case 2:
				return true, []order.Alarm{alarmOf("no_display")}, nil
			case 3, 4:
				return false, nil, errors.New("away")
			case 5:
				over := alarmOf("no_display")
				over.Type = order.AlarmOver
				return true, []order.Alarm{over}, nil
			}
			return true, nil, nil
		}, "n", slog.New(slog.NewTextHandler(&log, nil)), func(a order.Alarm) { raised = append(raised, string(a.Type)) }, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		m.Run(ctx)
		if got := strings.Join(raised, " "); got != "alarm alarm_over" {
			t.Errorf("raised %s", got)
		}
		for line, times := range map[string]int{"orders that nobody has seen\" restaurant=r reason=no_display": 1, "the alarm is over": 1, "away": 1, "this_node=true": 1} {
			if got := strings.Count(log.String(), line); got != times {
				t.Errorf("%q logged %d times:\n%s", line, got, log.String())
			}
		}
	})
}
