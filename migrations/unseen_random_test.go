package migrations_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var unseenSeed = flag.Uint64("unseen-seed", 0, "seed of the random evenings; 0 for one by chance")

// Whatever becomes of displays, nodes, the database and the orders: each alarm begins when its cause is there and ends when it is over,
// once; it begins soon where the cause lasts; and after an outage none begins before displays had time to come back.
func TestAlarmsAreNeitherFalseNorMissing(t *testing.T) {
	t.Parallel()
	seed := cmp.Or(*unseenSeed, rand.Uint64())
	t.Logf("again with -args -unseen-seed %d", seed)
	r := &randomEvening{evening: newEvening(t), random: rand.New(rand.NewPCG(seed, 1)), displays: map[string]int{}, node: "n1",
		on: map[string]bool{}, lasts: map[string]int{}, there: map[string]int{}, ended: map[string]int{}}
	for steps := 0; steps < 400 || len(r.ended) < 3; steps++ { // a calm evening goes on until it has seen each alarm
		r.step()
		if steps == 4000 {
			t.Errorf("only these alarms have ended in the whole evening: %v", r.ended)
		}
		if t.Failed() {
			t.Fatalf("the evening:\n%s", strings.Join(r.told, "\n"))
		}
	}
}

// randomEvening has a model of what the checks should say, in seconds of its own clock.
type randomEvening struct {
	*evening
	random   *rand.Rand
	now      int
	looked   int // since when somebody looks without a gap
	node     string
	displays map[string]int // of each node
	orders   []*modelOrder
	on       map[string]bool
	lasts    map[string]int // for how many looks the cause has been there
	there    map[string]int // since when it may have been there
	ended    map[string]int // how many alarms
	told     []string
}

type modelOrder struct {
	name             string
	came             int
	painted, touched int // when; 0: never
	gone             bool
}

func (r *randomEvening) tell(format string, args ...any) {
	r.told = append(r.told, fmt.Sprintf("%4d ", r.now)+fmt.Sprintf(format, args...))
}

func (r *randomEvening) pending() (all []*modelOrder) {
	for _, o := range r.orders {
		if !o.gone {
			all = append(all, o)
		}
	}
	return all
}

// pick returns an order that is pending, or nil.
func (r *randomEvening) pick() *modelOrder {
	pending := r.pending()
	if len(pending) == 0 {
		return nil
	}
	return pending[r.random.IntN(len(pending))]
}

func (r *randomEvening) begin(o *modelOrder) {
	r.tell("%s is begun", o.name)
	r.exec(`update orders set status = 'preparing' where id = $1`, r.ids[o.name])
	o.gone = true
}

func (r *randomEvening) see(how string, o *modelOrder) {
	if r.displays["n1"]+r.displays["n2"] == 0 {
		return // by which display?
	}
	r.tell("%s %s", how, o.name)
	r.saw(how, o.name)
	if o.painted = cmp.Or(o.painted, r.now); how == "touched" {
		o.touched = cmp.Or(o.touched, r.now)
	}
}

func (r *randomEvening) step() {
	r.Helper()
	o := r.pick()
	switch n := r.random.IntN(40); {
	case n < 3:
		o := &modelOrder{name: fmt.Sprint("o", len(r.orders)), came: r.now}
		r.tell("order %s", o.name)
		r.evening.order(o.name, "", "")
		r.orders = append(r.orders, o)
	case n < 14 && o != nil:
		r.see("painted", o)
	case n < 16 && o != nil:
		r.see("touched", o)
	case n < 18 && o != nil:
		r.begin(o)
	case n == 18:
		node := fmt.Sprint("n", 1+r.random.IntN(2))
		r.displays[node] = r.random.IntN(3)
		r.tell("%s has %d displays", node, r.displays[node])
	case n == 19:
		r.node = map[string]string{"n1": "n2", "n2": "n1"}[r.node]
		r.tell("the node that looked is killed; %s is there", r.node)
		for range 3 {
			r.second()
		}
	case n == 20 && r.random.IntN(3) == 0:
		r.outage(10 + r.random.IntN(60))
	case n == 21: // a while in which nothing happens
		for range r.random.IntN(40) {
			r.second()
			r.look()
		}
	case n == 22 && r.random.IntN(2) == 0: // the kitchen is through with all of them
		for _, o := range r.pending() {
			r.begin(o)
		}
	}
	r.second()
	r.look()
}

func (r *randomEvening) second() {
	r.pass(time.Second)
	r.now++
	for _, node := range []string{"n1", "n2"} {
		r.screens(node, r.displays[node])
	}
}

func (r *randomEvening) outage(seconds int) {
	r.tell("an outage of %d s", seconds)
	r.pass(time.Duration(seconds) * time.Second)
	r.now += seconds
	r.looked = r.now + 1
	clear(r.lasts)
	clear(r.displays) // they come back, or not
}

// cause reports whether there is reason for an alarm at a time, and whether it may be raised already.
func (r *randomEvening) cause(reason string, now int) (there, fair bool) {
	pastGrace := now >= r.looked+10
	display := r.displays["n1"]+r.displays["n2"] > 0
	for _, o := range r.orders {
		age := now - o.came
		switch {
		case o.gone || o.touched > 0:
		case o.painted > 0:
			if reason == "not_touched" && age >= 90 && now-o.painted >= 90 {
				there, fair = true, true
			}
		case (reason == "not_painted") == display && reason != "not_touched" && age >= 5:
			there = true
			fair = fair || pastGrace || o.came >= r.looked
		}
	}
	return there, fair
}

func (r *randomEvening) look() {
	r.Helper()
	said, mine := r.evening.look(r.node)
	if !mine {
		r.tell("%s does not look", r.node)
		r.Errorf("nobody looks")
		return
	}
	if r.looked == 0 {
		r.looked = r.now
	}
	for _, reason := range []string{"no_display", "not_painted", "not_touched"} {
		// Within a second, the model does not know what came first.
		if soon, _ := r.cause(reason, r.now+1); !soon {
			delete(r.there, reason)
		} else if _, was := r.there[reason]; !was {
			r.there[reason] = r.now
		}
	}
	for _, s := range said {
		r.tell("%s", s)
		reason, what, _ := strings.Cut(s, " ")
		begins := strings.HasPrefix(what, "on")
		_, soon := r.cause(reason, r.now+1)
		there, _ := r.cause(reason, r.now-1)
		if begins && !soon || !begins && there {
			r.Errorf("false: %s", s)
		}
		if begins && reason == "not_painted" && r.now-r.there[reason] < 2 {
			r.Errorf("no screen had the time to say what it paints: %s", s)
		}
		if r.on[reason] == begins {
			r.Errorf("twice: %s", s)
		}
		if r.on[reason] = begins; !begins {
			r.ended[reason]++
			r.lasts[reason] = 0 // the next order may be late within this same second
		}
	}
	for reason, within := range map[string]int{"no_display": 2, "not_painted": 8, "not_touched": 2} {
		there, fair := r.cause(reason, r.now)
		r.lasts[reason]++
		if !fair {
			r.lasts[reason] = 0
		}
		switch {
		case r.on[reason] && !there && r.now > r.looked+10:
			r.Errorf("%s is not over", reason)
		case !r.on[reason] && r.lasts[reason] >= within:
			r.Errorf("%s is missing", reason)
		}
	}
}
