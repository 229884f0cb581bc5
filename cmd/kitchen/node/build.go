package node

import (
	"runtime"
	"runtime/debug"
)

// Build is what the program was built from, as the go command has written it into the binary.
type Build struct {
	Version  string // of the module; devel where it was not built from a tag
	Revision string // of the repository
	Time     string // of that revision
	Modified bool   // there were changes that were not committed
	Go       string
	Platform string
}

func BuildInfo() Build {
	b := Build{Version: "devel", Revision: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}
