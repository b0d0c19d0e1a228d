//go:build !unix

package pgtest

import "os/exec"

func detach(*exec.Cmd, string) error { return errMissing }
