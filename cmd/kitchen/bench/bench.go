// Package bench measures a node with its database: displays by the thousand over real sockets, orders in real
// transactions, and in the same run the floor, which is the least that could do the same. It owns the displays, the
// figures and the processes that it starts. It knows of a node what the node's sockets say; what is written is db/load's.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"kitchen/db/load"
	"kitchen/db/order"
	"kitchen/notifier/pause"
)

// Config says what is measured, and where. A number that is zero means the scenario's own.
type Config struct {
	Scenarios   []string
	Displays    int
	Restaurants int
	Writers     int
	Rate        float64 // orders a second
	Duration    time.Duration
	Past        int // orders that long begins with

	DatabaseURL string
	Own         bool                               // the database is the measurement's own
	Host        string                             // of a running node; empty: one is started for each scenario
	TLS         bool                               // of a running node
	Sign        func(order.UserID) (string, error) // makes a token
	Program     string                             // to start nodes with
	Environ     []string                           // of those, with DATABASE_URL and a key
	Progress    io.Writer
	Errors      io.Writer // what nodes say
}

// WholeRun lists the scenarios of a whole run, in their order.
func WholeRun() []string {
	return []string{"latency", "stations", "fanout", "load", "idle", "storm", "import"}
}

// Scenarios are all that can be measured.
func Scenarios() []string { return append(WholeRun(), "attached", "long") }

// preset returns cfg with the scenario's own value for each number that is zero.
func (cfg Config) preset(scenario string) Config {
	fill := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	rate, during := 0.0, 10*time.Second
	switch scenario {
	case "latency", "stations":
		fill(&cfg.Displays, 1)
		fill(&cfg.Restaurants, 1)
		fill(&cfg.Writers, 1)
		rate = 50
	case "fanout":
		fill(&cfg.Displays, 500)
		fill(&cfg.Restaurants, 1)
		fill(&cfg.Writers, 1)
		rate = 20
	case "load":
		rate = 1600
	case "idle":
		fill(&cfg.Displays, 5000)
	case "import":
		during = 3 * time.Second
	case "long":
		fill(&cfg.Displays, 200)
		fill(&cfg.Past, 5_000_000)
		rate, during = 200, time.Hour
	}
	fill(&cfg.Displays, 1000)
	fill(&cfg.Restaurants, min(200, cfg.Displays))
	fill(&cfg.Writers, 8)
	if cfg.Rate == 0 {
		cfg.Rate = rate
	}
	if cfg.Duration == 0 {
		cfg.Duration = during
	}
	return cfg
}

// Run measures one scenario after the other. Where one fails, or ctx ends, the results so far come with the error, and
// nothing is left behind.
func Run(ctx context.Context, cfg Config) (results []Result, err error) {
	if allowed := filesAllowed(); allowed > 0 {
		for _, s := range cfg.Scenarios {
			if n := cfg.preset(s).Displays + 100; n > allowed {
				return nil, fmt.Errorf("%s needs %d open files, and this process may have %d: raise the limit (ulimit -n)", s, n, allowed)
			}
		}
	}
	for _, s := range cfg.Scenarios {
		r, err := cfg.preset(s).run(ctx, s)
		if err == nil || r.Intervals != nil { // an hour is not thrown away because of its last minute
			results = append(results, r)
		}
		if err != nil {
			return results, fmt.Errorf("measure %s: %w", s, err)
		}
	}
	return results, nil
}

func (cfg Config) run(ctx context.Context, scenario string) (r Result, err error) {
	r.Scenario = scenario
	if scenario == "attached" {
		return r, cfg.attached(ctx, &r)
	}
	restaurants := cfg.Restaurants
	if scenario == "storm" {
		restaurants *= rounds
	}
	data, err := load.Make(ctx, cfg.DatabaseURL, restaurants)
	if err != nil {
		return r, err
	}
	defer func() {
		if cfg.Own && (ctx.Err() != nil || scenario == "long") {
			return // the whole database is removed, and deleting millions of orders first would take long
		}
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
		defer cancel()
		err = errors.Join(err, data.Remove(cleaning))
	}()
	if scenario == "stations" {
		if err := data.AddStations(ctx); err != nil {
			return r, err
		}
	}
	switch scenario {
	case "idle":
		err = cfg.idle(ctx, data, &r)
	case "storm":
		err = cfg.storm(ctx, data, &r)
	case "import":
		err = cfg.triggerCost(ctx, data, &r)
	case "long":
		err = cfg.long(ctx, data, &r)
	case "load":
		if err = cfg.latency(ctx, data, false, &r); err == nil {
			err = cfg.comparePlain(ctx, data, &r)
		}
	default:
		err = cfg.latency(ctx, data, true, &r)
	}
	return r, err
}

func (cfg Config) say(format string, args ...any) { fmt.Fprintf(cfg.Progress, format+"\n", args...) }

// node is the running node, or a new one that is ready.
func (cfg Config) node(ctx context.Context, settings ...string) (Node, func() error, error) {
	if cfg.Host != "" {
		return Node{host: cfg.Host, tls: cfg.TLS, sign: cfg.Sign}, func() error { return nil }, nil
	}
	p, err := spawn(ctx, cfg.Program, append([]string{"serve", "--listen", "127.0.0.1:0"}, settings...), cfg.Environ, cfg.Errors)
	if err != nil {
		return Node{}, nil, err
	}
	node := Node{host: p.host, sign: cfg.Sign, pid: p.cmd.Process.Pid}
	if err := ready(ctx, p.host); err != nil {
		return node, nil, errors.Join(err, p.stop())
	}
	return node, p.stop, nil
}

// floor starts a floor (see [ServeFloor]) for the restaurants of a dataset.
func (cfg Config) floor(ctx context.Context, data *load.Dataset) (Node, func() error, error) {
	p, err := spawn(ctx, cfg.Program,
		[]string{"bench", "--floor", data.Prefix, "--restaurants", fmt.Sprint(len(data.Restaurants))},
		append(slices.Clone(cfg.Environ), "DATABASE_URL="+data.URL()), cfg.Errors)
	if err != nil {
		return Node{}, nil, err
	}
	sign := func(order.UserID) (string, error) { return "none", nil }
	return Node{host: p.host, sign: sign, pid: p.cmd.Process.Pid}, p.stop, nil
}

func ready(ctx context.Context, host string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return nil
			}
		}
		if !pause.Sleep(ctx, 5*time.Millisecond) {
			return fmt.Errorf("the node does not become ready: %w", context.Cause(ctx))
		}
	}
}

// meter is one of the bench's own Postgres; nil for any other, whose CPU cannot be measured.
func (cfg Config) meter(ctx context.Context) (*meter, error) {
	if !cfg.Own {
		return nil, nil
	}
	return newMeter(ctx, cfg.DatabaseURL)
}

// costs are the CPU time of the node, of Postgres and of the bench.
type costs struct {
	server, bench time.Duration
	postgres      usage
}

func costsOf(ctx context.Context, node Node, m *meter) (c costs, err error) {
	c.bench = cpu(os.Getpid())
	if node.pid != 0 {
		c.server = cpu(node.pid)
	}
	c.postgres, err = m.look(ctx)
	return c, err
}

// since measures the costs again, and returns the difference.
func (c costs) since(ctx context.Context, node Node, m *meter) (costs, error) {
	now, err := costsOf(ctx, node, m)
	return costs{now.server - c.server, now.bench - c.bench, now.postgres.minus(c.postgres)}, err
}

// spent puts CPU times into the result.
func (r *Result) spent(c costs) {
	r.ServerCPU, r.BenchCPU = c.server.Seconds(), c.bench.Seconds()
	r.PostgresCPU = c.postgres.sum() / 1000
	if c.postgres != (usage{}) {
		r.Postgres = &c.postgres
	}
}

func median(d []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[len(sorted)/2]
}
