package notifier_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/notifier"
)

// row is one of the fault matrix.
type row struct {
	fault, name string
	onDemand    bool              // takes longer than `make test` has
	newer       bool              // needs PostgreSQL 17 or later, and is run where the flag says where that is
	settings    map[string]string // not nil: a server of its own, with these
	disk        int               // not 0: that server's files are on a file system of their own, of so many megabytes
	proxied     bool              // the first node's connections go through proxies
	sweep       bool              // only the periodic check finds it
	rate        float64           // changes a second; 0: 100, 200 in full
	harms       bool              // writes may fail or wait during the fault
	unheard     bool              // what was committed may be lost (a crash, a failover): versions may be invented
	config      notifier.Config
	inject      func(*scene)
	before      func(*scene) // anything is connected
}

func (r row) run(t *testing.T, full bool, table *faulttest.Table) {
	seed := rand.Uint64()
	s := &scene{T: t, full: full, rng: rand.New(rand.NewPCG(seed, 0))}
	t.Logf("seed %d", seed)
	if r.newer {
		s.server = dbtest.ClusterOf(t, flagged(newerFlag), r.settings)
		s.url = s.server.URL()
	} else if r.disk > 0 {
		s.server = dbtest.ClusterOnDisk(t, r.disk, r.settings)
		s.url = s.server.URL()
	} else if r.settings != nil {
		s.server = dbtest.Cluster(t, r.settings)
		s.url = s.server.URL()
	} else {
		s.url = dbtest.New(t)
	}
	s.pool = dbtest.Pool(t, s.url)
	var err error
	if s.truth, err = db.Open(t.Context(), s.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.truth.Close)
	restaurants, displays := 2, 2
	if full {
		restaurants, displays = 3, 5
	}
	s.tenants = faulttest.Tenants(t, s.pool, restaurants)
	if r.before != nil {
		r.before(s)
	}
	cfg := r.config
	if r.sweep && !full && cfg.CheckEvery == 0 {
		cfg.CheckEvery = time.Second
	}
	for i := range 2 {
		s.node(s.url, r.proxied && i == 0, cfg)
	}
	for i := range restaurants * displays {
		s.join(s.nodes[i%2], s.tenants[i/2%restaurants])
	}
	s.all(true)
	rate := r.rate
	if rate == 0 {
		rate = map[bool]float64{false: 100, true: 200}[full]
	}
	s.writers = faulttest.Write(t, s.url, s.tenants, seed, 4, rate)
	s.write(20, 2*time.Second)
	s.pace, s.commits = faulttest.Baseline(s.writers, s.displays)
	bare := s.bare()

	r.inject(s)

	if s.healed.IsZero() {
		s.heal()
	}
	s.writers.Stop()
	if slowest := bare(); slowest > 200*time.Millisecond {
		s.note("the machine took up to %.2f s for a `select 1` meanwhile", slowest.Seconds())
	}
	s.judge(r, table)
}

// bare runs `select 1` again and again until the returned func is called, which returns how long the slowest took. It distinguishes a
// busy machine from a slow node.
func (s *scene) bare() func() time.Duration {
	pool := dbtest.Pool(s, s.url)
	ctx, stop := context.WithCancel(context.Background())
	slowest, ended := time.Duration(0), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			began := time.Now()
			if _, err := pool.Exec(ctx, `select 1`); err == nil { // else the server is away, and that is the fault
				slowest = max(slowest, time.Since(began))
			}
		}
	}()
	end := func() time.Duration { stop(); <-ended; return slowest }
	s.Cleanup(func() { end() })
	return end
}

// note adds to the remarks of the row.
func (s *scene) note(format string, args ...any) {
	if s.remark != "" {
		s.remark += "; "
	}
	s.remark += fmt.Sprintf(format, args...)
}

// judge checks all records, and adds the row to the table.
func (s *scene) judge(r row, table *faulttest.Table) {
	s.Helper()
	bound, deaf := 2*time.Second, 3*time.Second
	if r.sweep {
		bound, deaf = 32*time.Second, 32*time.Second
	}
	bound, deaf = bound+3*s.pace, deaf+3*s.pace
	if !s.full {
		bound, deaf = 2*waitLimit, 15*time.Second // a busy machine, with the race detector; what is lost stays lost for longer
	}
	at, wrong := faulttest.Converge(context.Background(), s.truth, s.tenants, s.displays, max(bound, waitLimit))
	lost, took := len(wrong), max(at.Sub(s.healed), 0)
	if took > bound {
		wrong = append(wrong, fmt.Sprintf("it took %v from the end of the fault until every display showed its queue", took))
	}
	for _, d := range s.displays {
		wrong = append(wrong, d.Wrong()...)
	}
	liveBehind, behind := faulttest.LiveWhileBehind(s.writers, s.displays, deaf)
	wrong = append(wrong, liveBehind...)
	if !r.unheard {
		invented, err := faulttest.NeverCommitted(context.Background(), s.pool, s.displays)
		if err != nil {
			s.Fatal(err)
		}
		wrong = append(wrong, invented...)
	}
	if !r.harms {
		wrong = append(wrong, s.writers.WriteProblems(s.lasts(5*time.Second, max(500*time.Millisecond, 5*s.commits)))...)
	}
	wrong = append(wrong, s.leftBehind()...)
	for _, w := range wrong {
		s.Error(w)
	}
	changes, _ := s.writers.Committed()
	remark := fmt.Sprintf("behind while live: %.2f s at most", behind.Seconds())
	if s.remark != "" {
		remark += "; " + s.remark
	}
	err := table.Add(faulttest.Result{Fault: r.fault, Name: r.name, Converged: took, Lost: lost, Displays: len(s.displays),
		Changes: changes, Remark: remark, Held: !s.Failed()})
	if err != nil {
		s.Error(err)
	}
}

// leftBehind counts connections: one listener a node while it runs, none of any kind afterwards. Goroutines are counted at
// the end of all tests.
func (s *scene) leftBehind() (wrong []string) {
	const listeners = `
		select count(*)::text from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`
	const any = `
		select count(*)::text from pg_stat_activity where application_name like 'kitchen%' and datname = current_database()
		   and pid <> pg_backend_pid()`
	count := func(sql, want string) {
		got := ""
		// The server removes sessions some time after they ended.
		if !dbtest.Poll(5*time.Second, func() bool { got = s.query(sql); return got == want }) {
			wrong = append(wrong, fmt.Sprintf("there are %s connections, not %s (%s)", got, want, sql))
		}
	}
	count(listeners, fmt.Sprint(len(s.nodes)))
	for _, node := range s.nodes {
		node.stop()
	}
	if s.afterNodes != nil {
		s.afterNodes()
	}
	s.truth.Close()
	count(any, "0")
	return wrong
}
