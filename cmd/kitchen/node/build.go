package node

import (
	"runtime"
	"runtime/debug"
)

// Version is the newest one in CHANGELOG.md. It stands here, and not in a tag alone, so that a build of the same sources says the same
// wherever they came from.
const Version = "0.1.0"

// Build is what the program was built from: the revision is as the go command has written it into the binary.
type Build struct {
	Version  string
	Revision string // of the repository
	Time     string // of that revision
	Modified bool   // there were changes that were not committed
	Go       string
	Platform string
}

func BuildInfo() Build {
	b := Build{Version: Version, Revision: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
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
