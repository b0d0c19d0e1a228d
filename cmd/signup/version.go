package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version string

type versionCmd struct{}

// Run prints what was built, from what and by what.
func (versionCmd) Run(s *session) error {
	build := struct {
		Version string `json:"version"`
		Commit  string `json:"commit,omitempty"`
		Go      string `json:"go"`
	}{versionText(), commit(), runtime.Version()}
	return s.answer(build, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "signup %s (%s)\n", build.Version, build.Go)
	})
}

// versionText is the version of the release or of the module, or "devel".
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
