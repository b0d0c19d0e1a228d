package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/signup-go/signup/letters"
)

// reloadOnHangup reads the operator's letters again at each SIGHUP until ctx
// ends. Without any a service goes on all the same, and what somebody tries in
// a terminal ends with that.
func (s *instance) reloadOnHangup(ctx context.Context) {
	if s.dev && s.config.brand.letters == "" {
		return
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangup)
		for {
			select {
			case <-hangup:
				s.reload(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *instance) reload(ctx context.Context) {
	folder := s.config.brand.letters
	written, ok := s.writer.(*letters.Letters)
	if !ok || folder == "" {
		s.log.InfoContext(ctx, "nothing to reload: no letters of your own are configured")
		return
	}
	if err := written.Reload(); err != nil {
		s.log.ErrorContext(ctx, "letters not reloaded; the ones before stay", "folder", folder, "error", err)
		return
	}
	s.log.InfoContext(ctx, "letters reloaded", "folder", folder)
}
