package node

import (
	"runtime"
	"runtime/debug"
)

// Version is the newest version in CHANGELOG.md. It is written here as well as in a tag, so that the same sources report the same version
// wherever they came from.
const Version = "0.1.0"

// Build describes what the program was built from. The go command wrote the revision into the binary.
type Build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // of the repository
	Time     string `json:"time"`     // of that revision; empty where it is unknown
	Modified bool   `json:"modified"` // there were changes that were not committed
	Go       string `json:"go"`
	Platform string `json:"platform"`
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
