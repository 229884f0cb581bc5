package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is what figures were measured on.
type Machine struct {
	Processor string    `json:"processor,omitempty"`
	Cores     int       `json:"cores"`
	Memory    float64   `json:"memory_gib,omitempty"`
	System    string    `json:"system"`
	Postgres  string    `json:"postgres"`
	Program   string    `json:"program"`
	Go        string    `json:"go"`
	Load      float64   `json:"load_before"` // processes that wanted to compute in the minute before
	Began     time.Time `json:"began"`
}

// machine looks at this one. What its system does not tell is left out.
func machine(program string) Machine {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Program: program, Go: runtime.Version(), Began: time.Now()}
	cpus, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(cpus)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	memory, _ := os.ReadFile("/proc/meminfo")
	var kib float64
	if _, err := fmt.Sscanf(string(memory), "MemTotal: %f kB", &kib); err == nil {
		m.Memory = kib / 1024 / 1024
	}
	load, _ := os.ReadFile("/proc/loadavg")
	if one, _, ok := strings.Cut(string(load), " "); ok {
		m.Load, _ = strconv.ParseFloat(one, 64)
	}
	return m
}

func (m Machine) String() string {
	memory, processor := "", ""
	if m.Memory > 0 {
		memory = fmt.Sprintf(", %.0f GiB", m.Memory)
	}
	if m.Processor != "" {
		processor = " (" + m.Processor + ")"
	}
	s := fmt.Sprintf("Measured on %s, kitchen %s, on %d cores%s%s, %s, PostgreSQL %s, %s.", m.Began.UTC().Format(time.DateOnly), m.Program, m.Cores, processor, memory,
		m.System, m.Postgres, m.Go)
	if m.Load > float64(m.Cores)/2 {
		s += fmt.Sprintf(" **The machine was busy with other things** (a load of %.0f before the run): rates and milliseconds are worse than they could be,"+
			" and ratios, which are taken by turns, vary as their quartiles say.", m.Load)
	}
	return s
}
