package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/pause"
)

// Follow calls changed with each alarm that is on, and from then on with each that begins or ends, until ctx ends. After each
// notification it reads the alarms from the database, so that forged and lost notifications do no harm. It logs a lost connection and
// connects again; if the first connection fails, it returns the error.
func Follow(ctx context.Context, d *db.DB, listenURL string, log *slog.Logger, changed func(order.Alarm)) error {
	f := &follower{db: d, url: listenURL, changed: changed, on: map[alarmKey]known{}}
	backoff := pause.NewBackoff()
	for first := true; ; first = false {
		err := f.session(ctx, backoff.Reset)
		switch {
		case ctx.Err() != nil:
			return nil
		case first && !f.read:
			return err
		}
		log.Warn("not listening to the database, connecting again", "err", err)
		if !pause.Sleep(ctx, backoff.NextBackOff()) {
			return nil
		}
	}
}

type alarmKey struct {
	restaurant order.RestaurantID
	reason     string
}

type known struct {
	order.Alarm
	since time.Time
}

type follower struct {
	db      *db.DB
	url     string
	changed func(order.Alarm)
	on      map[alarmKey]known
	read    bool // the alarms were read once
}

// session listens before it reads, so that it misses no alarm in between.
func (f *follower) session(ctx context.Context, listening func()) error {
	conn, err := db.ConnectListener(ctx, f.url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the connection is dropped in any case
	if err := db.Listen(ctx, conn, []string{db.AlarmsChannel}, nil); err != nil {
		return err
	}
	for {
		on, err := f.db.Alarms(ctx)
		if err != nil {
			return err
		}
		f.read = true
		listening()
		f.compare(on)
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("wait for an alarm: %w", err)
		}
	}
}

// compare reports alarms that have ended, and those that have begun.
func (f *follower) compare(on []order.Alarm) {
	is := make(map[alarmKey]known, len(on))
	for _, a := range on {
		key := alarmKey{a.Restaurant, a.Reason}
		is[key] = known{a, time.Now()}
		if was, both := f.on[key]; both && was.OldestOrder == a.OldestOrder {
			is[key] = was
		}
	}
	for key, was := range f.on {
		if now, still := is[key]; !still || now.OldestOrder != was.OldestOrder {
			was.Type, was.Age = order.AlarmOver, was.Age+int64(time.Since(was.since).Seconds())
			f.changed(was.Alarm)
		}
	}
	for _, a := range on {
		if was, both := f.on[alarmKey{a.Restaurant, a.Reason}]; !both || was.OldestOrder != a.OldestOrder {
			f.changed(a)
		}
	}
	f.on = is
}
